cat >.gitlab-ci.yml <<'FIN'
stages: [construire, examiner, publier]

variables:
  # Le nom propre au pipeline : l'image y attend d'avoir été examinée.
  CANDIDATE: $CI_REGISTRY_IMAGE:candidate-$CI_COMMIT_SHORT_SHA

.docker:
  image: docker:29.1
  services: ["docker:29.1-dind"]
  before_script:
    - printf '%s' "$CI_REGISTRY_PASSWORD" | docker login --username "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"
  after_script:
    - docker logout "$CI_REGISTRY"

construire:
  extends: .docker
  stage: construire
  script:
    - docker build --pull --tag "$CANDIDATE" .
    - docker push "$CANDIDATE"

examiner:
  stage: examiner
  image:
    name: aquasec/trivy:0.67.2
    entrypoint: [""]
  variables:
    TRIVY_USERNAME: $CI_REGISTRY_USER
    TRIVY_PASSWORD: $CI_REGISTRY_PASSWORD
  script:
    - trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed "$CANDIDATE"

publier:
  extends: .docker
  stage: publier
  script:
    - docker pull "$CANDIDATE"
    - docker tag "$CANDIDATE" "$CI_REGISTRY_IMAGE:${CI_COMMIT_TAG#v}"
    - docker push "$CI_REGISTRY_IMAGE:${CI_COMMIT_TAG#v}"
FIN
