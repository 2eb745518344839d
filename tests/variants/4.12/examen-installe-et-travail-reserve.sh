# verdict : passed
mkdir -p .github/workflows
cat >.github/workflows/publish.yml <<'FIN'
name: Publier
on:
  push:
    tags: ["v*.*.*"]
  pull_request:

permissions:
  contents: read

jobs:
  image:
    if: github.event_name != 'pull_request' || github.event.pull_request.draft == false
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/setup-buildx-action@v4
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: boreale/vigie
          tags: |
            type=semver,pattern={{version}}
            type=semver,pattern={{major}}.{{minor}}
            type=semver,pattern={{major}}
      - name: Construire sans envoyer
        uses: docker/build-push-action@v7
        with:
          context: .
          load: true
          tags: vigie:examen
      - name: Installer le scanner
        run: sudo apt-get install -y trivy
      - name: Examiner
        run: trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed vigie:examen
      - name: Se connecter
        if: github.event_name != 'pull_request'
        uses: docker/login-action@v4
        with:
          username: ${{ vars.DOCKER_USERNAME }}
          password: ${{ secrets.DOCKER_PAT }}
      - name: Envoyer
        uses: docker/build-push-action@v7
        with:
          context: .
          push: ${{ github.event_name != 'pull_request' }}
          tags: ${{ steps.meta.outputs.tags }}
          labels: ${{ steps.meta.outputs.labels }}
FIN
