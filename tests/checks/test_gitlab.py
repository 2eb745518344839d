"""What exercise 4.17 reads in a pipeline without running it: the right shapes, the wrong ones."""

# Pipelines are quoted here as people write them:
# ruff: noqa: E501

from __future__ import annotations

import time

import pytest

from checks import gitlab
from checks.evidence.submitted import _without_secrets
from checks.gitlab import actions, rules, shell
from checks.outcome import Mistake
from workshop.lab import ROOT


def solution() -> str:
    script = (ROOT / "solutions" / "4.17.sh").read_text()
    return script.partition("<<'FIN'\n")[2].rpartition("FIN")[0]


def verdict(text: str) -> str:
    """The name of the mistake, "" when there is none; the same once its secrets are masked."""
    answers = []
    for each in (text, _without_secrets(".gitlab-ci.yml", text.encode()).decode()):
        try:
            gitlab.check(".gitlab-ci.yml", each)
            answers.append("")
        except Mistake as found:
            assert gitlab.SLIPS[found.name].message.format(**found.observed)
            answers.append(found.name)
    assert answers[0] == answers[1], "what a submission masks changes no verdict"
    return answers[0]


ONE_JOB = """
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
"""

BY_FILE = """
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
"""

ANCHORS = """
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
    - if: '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/'
    - when: never
"""

KANIKO = """
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
"""

SCANNED_ON_MAIN = """
default: {image: "docker:29.1", services: ["docker:29.1-dind"]}
before_script:
  - echo "$CI_REGISTRY_PASSWORD" | docker login -u "$CI_REGISTRY_USER" --password-stdin $CI_REGISTRY
build_image:
  stage: build
  rules: [{if: $CI_COMMIT_BRANCH}]
  script:
    - docker buildx build --load --tag "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA" .
    - docker run --rm -v /var/run/docker.sock:/var/run/docker.sock aquasec/trivy:0.67.2 image
      --exit-code 1 "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"
    - docker push "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"
version:
  stage: deploy
  rules: [{if: $CI_COMMIT_TAG}]
  script:
    - docker buildx imagetools create --tag "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG" "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"
"""

SHELL_CONDITION = """
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: always
build_image:
  image: docker:29.1
  services: [docker:29.1-dind]
  script: |
    set -eu
    echo "$CI_JOB_TOKEN" | docker login -u gitlab-ci-token --password-stdin "$CI_REGISTRY"
    docker build -t "$CI_REGISTRY_IMAGE:build-$CI_PIPELINE_IID" .
    if ! trivy image --exit-code 1 "$CI_REGISTRY_IMAGE:build-$CI_PIPELINE_IID"; then
      echo "Des failles !" >&2
      exit 1
    fi
    if [ -n "${CI_COMMIT_TAG:-}" ]; then
      docker tag "$CI_REGISTRY_IMAGE:build-$CI_PIPELINE_IID" "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG"
      docker push "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG"
    fi
"""

TAGS_ONLY = """
workflow: {rules: [{if: $CI_COMMIT_TAG}]}
build_image:
  tags: [shell]
  script:
    - docker login -u "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY" < "$JETON_FILE"
    - docker build -t "$CI_REGISTRY_IMAGE:$CI_COMMIT_REF_NAME" -t "$CI_REGISTRY_IMAGE" .
    - docker scout cves --exit-code --only-severity critical,high "$CI_REGISTRY_IMAGE:$CI_COMMIT_REF_NAME"
    - docker push --all-tags "$CI_REGISTRY_IMAGE"
"""

RIGHT = {
    "solution": solution(),
    "one job": ONE_JOB,
    "by file": BY_FILE,
    "anchors, references, grype": ANCHORS,
    "kaniko, crane, needs": KANIKO,
    "scanned on the branch, named on the tag": SCANNED_ON_MAIN,
    "a condition of the shell": SHELL_CONDITION,
    "tags only, shell runner": TAGS_ONLY,
    "a template with a header": "spec:\n  inputs: {}\n---\n" + ONE_JOB,
    "an included file besides": "include:\n  - local: autre.yml\n" + ONE_JOB,
    "windows": ONE_JOB.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + ONE_JOB.lstrip(),
    "job token": ONE_JOB.replace("PASSWORD", "TOKEN").replace("CI_REGISTRY_TOKEN", "CI_JOB_TOKEN"),
    "or true elsewhere": ONE_JOB.replace("apk add", "docker version || true\n    - apk add"),
    "fails by itself": ONE_JOB.replace(
        "CRITICAL $CI", "CRITICAL $CI", 1
    ).replace("COMMIT_TAG\n    - docker push", "COMMIT_TAG || { echo non; exit 1; }\n    - docker push"),
    "only as a mapping": BY_FILE.replace("only: [tags]", "only: {refs: [tags]}"),
    "only a pattern": BY_FILE.replace("only: [tags]", "only: ['/^v/']\n  except: [branches]"),
    "by a rule's variable": ONE_JOB.replace(
        "- if: $CI_COMMIT_TAG", "- if: $CI_COMMIT_TAG\n      variables: {TAG: $CI_COMMIT_TAG}"
    ).replace("IMAGE:$CI_COMMIT_TAG", "IMAGE:$TAG"),
    "two extends": solution().replace("extends: .docker", "extends: [.rien, .docker]")
    + "\n.rien: {interruptible: true}\n",
    "a project's variable": solution().replace("${CI_COMMIT_TAG#v}", "$VERSION"),
    "computed": solution().replace("${CI_COMMIT_TAG#v}", "$(echo $CI_COMMIT_TAG | sed 's/^v//')"),
    "protected references": solution().replace(
        "if: $CI_COMMIT_TAG", "if: ($CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == 'true')"
    ),
    "a path that changes": solution().replace(
        "if: $CI_COMMIT_TAG", "if: $CI_COMMIT_TAG\n      changes: [Dockerfile]"
    ),
    "needs instead of stages": solution().replace("stages: [construire, examiner, publier]\n", "")
    .replace("  stage: construire\n", "").replace("  stage: examiner\n", "  needs: [construire]\n")
    .replace("  stage: publier\n", "  needs: [{job: examiner}, {job: construire, artifacts: true}]\n"),
    "sub-repository": solution().replace(
        "$CI_REGISTRY_IMAGE:candidate-$CI_COMMIT_SHORT_SHA", "$CI_REGISTRY_IMAGE/essai:$CI_JOB_ID"
    ),
    "written registry": solution().replace(
        '"$CI_REGISTRY_IMAGE:${', '"registry.gitlab.com/boreale/vigie:${'
    ),
    "another severity order": solution().replace("HIGH,CRITICAL", "CRITICAL,HIGH"),
    "blocking failure said": solution().replace("examiner\n  image", "examiner\n  allow_failure: false\n  image"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_pipelines(name: str) -> None:
    assert verdict(RIGHT[name]) == ""


TRIVY = "trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed"
EXAMINER = solution()[solution().index("examiner:\n") : solution().index("publier:\n")]
LOGIN = next(line for line in solution().splitlines() if "printf" in line)
PULL = '    - docker pull "$CANDIDATE"\n    - docker tag "$CANDIDATE"'
FINAL = '"$CI_REGISTRY_IMAGE:${CI_COMMIT_TAG#v}"'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("    - if: $CI_COMMIT_TAG\n", "    - if: $CI_COMMIT_BRANCH\n", "publication-sans-condition"),
        ("    - if: $CI_COMMIT_TAG\n", "    - when: manual\n", "publication-sans-condition"),
        ("    - if: $CI_COMMIT_TAG\n", "    - when: always\n", "publication-sans-condition"),
        (
            "    - if: $CI_COMMIT_TAG\n",
            "    - if: $CI_COMMIT_TAG\n    - if: $CI_MERGE_REQUEST_IID\n",
            "publication-sans-condition",
        ),
        ("    - if: $CI_COMMIT_TAG\n", '    - if: $CI_COMMIT_BRANCH == "main"\n', "jamais-pour-un-tag"),
        ("    - if: $CI_COMMIT_TAG\n", "    - if: $CI_COMMIT_TAG\n      when: never\n",
         "jamais-pour-un-tag"),
        ("  rules:\n    - if: $CI_COMMIT_TAG\n", "  except: [tags]\n", "publication-sans-condition"),
        ("  rules:\n    - if: $CI_COMMIT_TAG\n", "", "publication-sans-condition"),
        (TRIVY, "trivy image", "examen-sans-effet"),
        (TRIVY, "trivy image --exit-code 0", "examen-sans-effet"),
        (TRIVY, "trivy image --exit-code 1 --severity LOW,MEDIUM", "examen-sans-effet"),
        (TRIVY, "trivy fs --exit-code 1 .", "sans-examen"),
        (TRIVY, "grype", "examen-sans-effet"),
        (TRIVY, f"set +e\n    - {TRIVY}", "examen-sans-effet"),
        (f'{TRIVY} "$CANDIDATE"', f'{TRIVY} "$CANDIDATE" || true', "examen-sans-effet"),
        (f'{TRIVY} "$CANDIDATE"', f'{TRIVY} "$CANDIDATE" || echo tant pis', "examen-sans-effet"),
        (f'{TRIVY} "$CANDIDATE"', f'{TRIVY} "$CANDIDATE" || exit 1', ""),
        (f'{TRIVY} "$CANDIDATE"', f'{TRIVY} "$CANDIDATE" | tee rapport.txt', ""),
        ("  stage: examiner\n", "  stage: examiner\n  allow_failure: true\n", "examen-sans-effet"),
        ("  stage: examiner\n", "  stage: examiner\n  allow_failure: {exit_codes: [1]}\n",
         "examen-sans-effet"),
        ("  stage: examiner\n", "  stage: examiner\n  allow_failure: {exit_codes: 137}\n", ""),
        ("  stage: examiner\n", "  stage: examiner\n  when: manual\n", "examen-sans-effet"),
        ("  stage: examiner\n", "  stage: examiner\n  only: [branches]\n", "examen-ecarte"),
        ("  stage: examiner\n", "  stage: publier\n", "examen-apres-envoi"),
        ("  stage: publier\n", "  stage: publier\n  needs: [construire]\n", "examen-apres-envoi"),
        ("  stage: publier\n", "  stage: publier\n  needs: []\n", "examen-apres-envoi"),
        ("  stage: publier\n", "  stage: publier\n  when: always\n", "examen-sans-effet"),
        ("    - if: $CI_COMMIT_TAG\n", "    - if: $CI_COMMIT_TAG\n      when: always\n",
         "examen-sans-effet"),
        (EXAMINER, "", "sans-examen"),
        ("construire, examiner, publier", "construire, publier, examiner", "examen-apres-envoi"),
        (PULL, f"    - docker build --tag {FINAL} .\n    - docker images {FINAL} #", "reconstruite"),
        (FINAL, '"$CI_REGISTRY_IMAGE:$CI_COMMIT_REF_NAME"', ""),
        (FINAL, '"$CI_REGISTRY_IMAGE:latest"', "latest-seul"),
        (FINAL, '"$CI_REGISTRY_IMAGE"', "latest-seul"),
        (FINAL, '"$CI_REGISTRY_IMAGE:$CI_COMMIT_REF_SLUG"', "tag-sans-version"),
        (FINAL, '"$CI_REGISTRY_IMAGE:1.4.2"', "tag-sans-version"),
        (FINAL, '"boreale/vigie:$CI_COMMIT_TAG"', "autre-registre"),
        (FINAL, '"docker.io/boreale/vigie:$CI_COMMIT_TAG"', "autre-registre"),
        ('    - docker pull "$CANDIDATE"\n', "", "image-pas-transmise"),
        ('    - docker push "$CANDIDATE"\n', "", "image-pas-transmise"),
        ('  services: ["docker:29.1-dind"]\n', "", "sans-moteur"),
        ("docker:29.1-dind", "docker:dind", "image-flottante"),
        ("image: docker:29.1\n", "image: docker\n", "image-flottante"),
        ("trivy:0.67.2", "trivy:latest", "image-flottante"),
        ("trivy:0.67.2", "trivy@sha256:" + "a" * 64, ""),
        (LOGIN, "    - docker version", "sans-connexion"),
        ('--password-stdin "$CI_REGISTRY"', "--password-stdin", "mauvais-registre"),
        ("--password-stdin", "", "sans-entree-standard"),
        ("--password-stdin", '--password "$CI_REGISTRY_PASSWORD"', "mot-de-passe-en-argument"),
        ("--password-stdin", '-p "$CI_JOB_TOKEN"', "mot-de-passe-en-argument"),
        ("--password-stdin", "-p banquise2026", "secret-en-clair"),
        ('printf \'%s\' "$CI_REGISTRY_PASSWORD"', "echo banquise2026", "secret-en-clair"),
        ("\nvariables:\n", "\nvariables:\n  MOT_DE_PASSE: banquise2026\n", "secret-en-clair"),
        ("\nvariables:\n", "\nvariables:\n  JETON: glpat-abcdefgh12345678wxyz\n", "secret-en-clair"),
        ("\nvariables:\n", "\nvariables:\n  API_TOKEN: banquise2026\n", "secret-en-clair"),
        ("    - docker build --pull", "\t- docker build --pull", "yaml-illisible"),
        ("stages: [", "stages: [[", "yaml-illisible"),
        ("  stage: examiner\n", "  stage: examen\n", "pas-un-pipeline"),
        ("  stage: publier\n", "  stage: publier\n  needs: [relire]\n", "pas-un-pipeline"),
        ("extends: .docker", "extends: .podman", "pas-un-pipeline"),
        (PULL, "    - docker pull $CANDIDATE && docker tag $CANDIDATE $CI_REGISTRY_IMAGE:$CI_COMMIT_TAG && docker tag $CANDIDATE", ""),
        ("variables:\n  #", "variables:\n  DOCKER_AUTH_CONFIG: '{\"auths\": {\"h\": {\"auth\": \"YWxpY2U6c2VjcmV0\"}}}'\n  #", "secret-en-clair"),
        ("variables:\n  #", "variables:\n  BUILD_COMPAT: windows\n  #", ""),
        ("stages:", "include: {template: Auto-DevOps.gitlab-ci.yml}\nstages:", ""),
    ],
)  # fmt: skip
def test_a_change_to_the_solution(old: str, new: str, expected: str) -> None:
    assert old in solution()
    assert verdict(solution().replace(old, new)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("include: {remote: 'https://example.com/ci.yml'}\n", "include-non-suivi"),
        ("include: a.yml\n" + ONE_JOB.replace("trivy image", "ls #"), "include-non-suivi"),
        ("stages: [a]\n", "pas-un-pipeline"),
        ("a: {stage: test}\n", "pas-un-pipeline"),
        (ONE_JOB.replace("publier:", "image:"), "pas-un-pipeline"),
        ("a: {script: [make]}\n", "sans-construction"),
        ("a: {script: [docker build .]}\n", "sans-envoi"),
        (".a: {extends: .b}\n.b: {extends: .a}\nc: {extends: .a}\n", "pas-un-pipeline"),
        ('a:\n  script:\n    - echo "a: b"\n', "pas-un-pipeline"),
        ("a:\n  script:\n    - echo a: b\n", "pas-un-pipeline"),
        (
            ONE_JOB.replace("  script:", "  after_script:\n    - trivy image --exit-code 1 x\n  script:")
            .replace("    - trivy image --exit-code=1", "    - ls"),
            "examen-sans-effet",
        ),
        (
            ONE_JOB.replace("    - docker push", "    - docker build -t x .\n    - docker push"),
            "reconstruite",
        ),
        (ONE_JOB.replace("docker build", "docker buildx build --push"), "examen-apres-envoi"),
        (
            ONE_JOB.replace("  rules:\n    - if: $CI_COMMIT_TAG\n", "")
            .replace("$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG\n    - docker push", "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG && docker push"),
            "publication-sans-condition",
        ),
        (
            ONE_JOB.replace("  rules:\n    - if: $CI_COMMIT_TAG\n", "")
            .replace("- docker push", '- test -z "$CI_COMMIT_TAG" && exit 0\n    - docker push'),
            "",
        ),
        (
            ONE_JOB.replace("  rules:\n    - if: $CI_COMMIT_TAG\n", "")
            .replace("- docker push", "- case $CI_COMMIT_TAG in v*) docker push")
            .replace("push $CI_REGISTRY_IMAGE:$CI_COMMIT_TAG\n", "push $CI_REGISTRY_IMAGE:$CI_COMMIT_TAG ;; esac\n"),
            "",
        ),
        (
            ONE_JOB.replace("  rules:\n    - if: $CI_COMMIT_TAG\n", "")
            .replace("- trivy", "- if ! trivy").replace("COMMIT_TAG\n    - docker push", "COMMIT_TAG; then exit 1; fi\n    - docker push"),
            "publication-sans-condition",
        ),
        (
            ONE_JOB.replace("docker push ", "skopeo copy --dest-creds $CI_REGISTRY_USER:$CI_JOB_TOKEN docker-daemon:vigie:1 docker://"),
            "mot-de-passe-en-argument",
        ),
        (ONE_JOB.replace("docker build", "docker buildx create --use\n    - docker buildx build --load"), ""),
        (ONE_JOB.replace("docker push", "docker manifest push"), ""),
        (
            ONE_JOB.replace("    - trivy", "    - docker push $CI_REGISTRY_IMAGE\n    - trivy"),
            "examen-apres-envoi",
        ),
        (
            ONE_JOB.replace("- if: $CI_COMMIT_TAG", "- if: $CI_COMMIT_TAG\n    - if: "
                            "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH")
            .replace("IMAGE:$CI_COMMIT_TAG", "IMAGE:$CI_COMMIT_REF_NAME"),
            "tag-de-branche",
        ),
    ],
)  # fmt: skip
def test_other_pipelines(text: str, expected: str) -> None:
    assert verdict(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "- a\n", "3\n", "a: &x [*x]\n", "&a [*a]\n", "\0", "a: !!python/object:os.system x\n",
        "a: !x y\n", "a: {script: !reference [a, script]}\n", "a: {script: 3, rules: [3], needs: 4}\n",
        "a: {script: [[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]}\n", "variables: 3\na: {script: x, variables: []}\n",
        "a: {script: x, image: 3, services: {a: b}, only: 3, except: {refs: 4}}\n",
        "stages: {a: b}\nworkflow: 3\ndefault: []\na: {script: x, extends: [[b]]}\n",
        "a: {script: 2024-99-99}\n", "? [a]\n: b\n", "a: {script: \"docker push '\", rules: [{if: '(('}]}\n",
        "a: {script: x, rules: [{if: '$A =~ /(/'}], parallel: {matrix: [3, {A: {}}]}}\n",
        "a: {script: 'for do done fi esac } ) $( ${ `'}\n", "---\na: b\n---\nc: d\n---\n",
        "a: {script: 'docker'}\nb: {script: 'docker login -p'}\nc: {script: 'trivy'}\n",
        "a: {script: 'docker push\\ndocker tag\\ndocker build -t'}\n",
    ],
)  # fmt: skip
def test_odd_files_are_never_our_error(text: str) -> None:
    assert verdict(text) != ""


def test_a_file_that_grows_is_read_quickly() -> None:
    row = ", ".join(["*{0}"] * 9)
    bombs = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{row.format(f'a{n - 1}')}]\n" for n in range(1, 12)
    )
    extends = "".join(f".e{n}: {{extends: [{', '.join([f'.e{n + 1}'] * 9)}]}}\n" for n in range(9))
    references = "".join(
        f".r{n}: {{script: [{', '.join([f'!reference [.r{n + 1}, script]'] * 9)}]}}\n"
        for n in range(9)
    )
    variables = "variables:\n" + "".join(
        f'  V{n}: "$V{n + 1}$V{n + 1}$V{n + 1}"\n' for n in range(99)
    )
    texts = [
        bombs,
        extends + ".e9: {script: x}\na: {extends: .e0}\n",
        references + ".r9: {script: [x]}\na: {script: !reference [.r0, script]}\n",
        variables + "a: {script: 'docker build -t $V0 .; docker push $V0'}\n",
        "a: {script: '" + "$(" * 30_000 + "'}\n",
        "a: {script: '" + "if true; then " * 9000 + "'}\n",
        "a: {script: '" + "docker push a:b && " * 9000 + "x'}\n",
        "a: {script: x, rules: [{if: '" + "(" * 1500 + "'}]}\n",
        "a:\n" + " " * 900_000,
    ]
    for text in texts:
        start = time.perf_counter()
        verdict(text)
        assert time.perf_counter() - start < 10, text[:60]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$CI_COMMIT_TAG", False),
        ('$CI_COMMIT_BRANCH == "main"', False),
        ("$CI_COMMIT_BRANCH =~ /^essai/", True),
        ("$CI_COMMIT_BRANCH !~ /^ESSAI/i", False),
        ("$CI_COMMIT_BRANCH && ($CI_COMMIT_TAG || $CI_DEFAULT_BRANCH == 'main')", True),
        ("$A", None),
        ("$A && $CI_COMMIT_TAG", False),
        ("$A || $CI_COMMIT_BRANCH", True),
        ("$CI_COMMIT_TAG == null", True),
        ("$CI_COMMIT_SHORT_SHA", True),
        ("$CI_COMMIT_BRANCH ==", None),
        ("oui", None),
        ("", None),
        (True, None),
    ],
)
def test_conditions(expression: object, expected: bool | None) -> None:
    assert rules.evaluate(expression, rules.BRANCH.variables) is expected


def test_a_script_is_cut_into_commands() -> None:
    found = shell.commands(
        "a 'x y' && b || c # d\nif e; then\n  f \"$(g; h)\" >i 2>&1\nelse j; fi\n"
        "cat <<FIN\nk\nFIN\nsh -c 'l $M'; n \\\n  o | p"
    )
    assert [each.text for each in found] == [
        "a x y", "b", "c", "e", "f $(g; h) > i >& 1", "j", "cat << FIN", "sh -c l \ue000M", "l $M",
        "n o", "p",
    ]  # fmt: skip
    assert [each.before for each in found[:3]] == ["", "&&", "||"]
    assert found[3].condition and found[4].guards == ("e",) == found[5].guards
    assert found[-1].before == "|"


def test_a_reference_is_told_with_the_variables_that_it_is_made_of() -> None:
    known = {"IMAGE": ["$CI_REGISTRY_IMAGE:$TAG"], "TAG": ["a", "${CI_COMMIT_TAG#v}"]}
    assert actions.expand("$IMAGE", known) == [
        "${CI_REGISTRY_IMAGE}:a", "${CI_REGISTRY_IMAGE}:${CI_COMMIT_TAG}",
    ]  # fmt: skip
    assert actions.expand("x:${A:-${B}}", {}) == ["x:${A}"]
    assert actions.expand("x:$(date +%s -d $D)", {}) == ["x:${?}${D}"]
