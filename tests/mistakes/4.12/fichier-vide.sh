mkdir -p .github/workflows
touch .github/workflows/publish.yml
