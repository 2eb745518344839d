# verdict : passed
# L'exemple de la documentation de GitLab, avec ancres et références.
cat >.gitlab-ci.yml <<'FIN'
variables:
  CONTAINER_TEST_IMAGE: $CI_REGISTRY_IMAGE:$CI_COMMIT_REF_SLUG
  CONTAINER_RELEASE_IMAGE: $CI_REGISTRY_IMAGE:$CI_COMMIT_TAG
.login: &login
  - echo "$CI_REGISTRY_PASSWORD" | docker login $CI_REGISTRY -u $CI_REGISTRY_USER --password-stdin
.dind: &dind
  image: docker:29.1
  services: [docker:29.1-dind]
build:
  <<: *dind
  stage: build
  script:
    - *login
    - docker build --pull -t $CONTAINER_TEST_IMAGE .
    - docker push $CONTAINER_TEST_IMAGE
scan:
  stage: test
  image: {name: anchore/grype:v0.104.0-debug, entrypoint: [""]}
  script: [grype --fail-on high "registry:$CONTAINER_TEST_IMAGE"]
release:
  <<: *dind
  stage: deploy
  script:
    - !reference [.login]
    - docker pull $CONTAINER_TEST_IMAGE
    - docker tag $CONTAINER_TEST_IMAGE $CONTAINER_RELEASE_IMAGE
    - docker push $CONTAINER_RELEASE_IMAGE
  rules:
    - if: '$CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/'
    - when: never
FIN
