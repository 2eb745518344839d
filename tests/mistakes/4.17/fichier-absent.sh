touch gitlab-ci.yml
