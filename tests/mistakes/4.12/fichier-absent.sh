mkdir -p .github/workflows
touch publish.yml
