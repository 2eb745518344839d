# verdict : passed
# Kaniko construit, crane recopie : aucun moteur Docker ; `needs` donne l'ordre.
cat >.gitlab-ci.yml <<'FIN'
stages: [a, b, c]
build:
  stage: a
  image: {name: "gcr.io/kaniko-project/executor:v1.24.0-debug", entrypoint: [""]}
  script:
    - mkdir -p /kaniko/.docker
    - |
      cat > /kaniko/.docker/config.json <<FIN
      {"auths": {"$CI_REGISTRY": {"auth": "$(printf '%s:%s' "$CI_REGISTRY_USER" "$CI_REGISTRY_PASSWORD" | base64)"}}}
      FIN
    - /kaniko/executor --context "$CI_PROJECT_DIR" --destination "$CI_REGISTRY_IMAGE:$CI_PIPELINE_IID"
scan:
  stage: b
  image: {name: "aquasec/trivy:0.67.2", entrypoint: [""]}
  variables: {TRIVY_EXIT_CODE: 1, TRIVY_SEVERITY: "HIGH,CRITICAL"}
  script:
    - trivy image --exit-code 0 --format json --output rapport.json "$CI_REGISTRY_IMAGE:$CI_PIPELINE_IID"
    - trivy image "$CI_REGISTRY_IMAGE:$CI_PIPELINE_IID"
publish:
  stage: c
  image: {name: "gcr.io/go-containerregistry/crane:v0.20.6-debug", entrypoint: [""]}
  needs: [build, scan]
  rules: [{if: "$CI_COMMIT_TAG != null"}, {if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]
  script:
    - echo "$CI_REGISTRY_PASSWORD" | crane auth login -u "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"
    - crane copy "$CI_REGISTRY_IMAGE:$CI_PIPELINE_IID" "$CI_REGISTRY_IMAGE:${CI_COMMIT_TAG:-latest}"
FIN
