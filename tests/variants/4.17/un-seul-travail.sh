# verdict : passed
# Tout dans un travail, dans l'ordre.
cat >.gitlab-ci.yml <<'FIN'
publier:
  image: docker:29.1
  services:
    - name: docker:29.1-dind
      alias: docker
  rules:
    - if: $CI_COMMIT_TAG
  script:
    - apk add --no-cache trivy
    - echo "$CI_REGISTRY_PASSWORD" | docker login $CI_REGISTRY -u $CI_REGISTRY_USER --password-stdin
    - docker build -t $CI_REGISTRY_IMAGE:$CI_COMMIT_TAG .
    - trivy image --exit-code=1 --severity CRITICAL $CI_REGISTRY_IMAGE:$CI_COMMIT_TAG
    - docker push $CI_REGISTRY_IMAGE:$CI_COMMIT_TAG
FIN
