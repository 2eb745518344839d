# verdict : passed
# L'image passe d'un travail à l'autre dans une archive, gardée comme artefact.
cat >.gitlab-ci.yml <<'FIN'
default:
  image: docker:29.1-cli
  services: ["docker:29.1-dind"]
stages: [build, scan, publish]
build:
  stage: build
  script:
    - docker build -t vigie:candidate .
    - docker save -o vigie.tar vigie:candidate
  artifacts: {paths: [vigie.tar], expire_in: 1 hour}
scan:
  stage: scan
  image: {name: "aquasec/trivy:0.67.2", entrypoint: [""]}
  services: []
  script: trivy image --input vigie.tar --exit-code 1
publish:
  stage: publish
  only: [tags]
  before_script:
    - docker login -u gitlab-ci-token --password-stdin "$CI_REGISTRY" <<< "$CI_JOB_TOKEN"
  script:
    - docker load -i vigie.tar
    - |
      version=${CI_COMMIT_TAG#v}
      for tag in "$version" "${version%.*}" latest; do
        docker tag vigie:candidate "$CI_REGISTRY_IMAGE:$tag"
        docker push "$CI_REGISTRY_IMAGE:$tag"
      done
FIN
