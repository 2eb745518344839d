touch .gitlab-ci.yml
