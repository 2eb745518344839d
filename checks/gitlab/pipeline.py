"""A `.gitlab-ci.yml` as GitLab understands it: jobs with what they inherit, and who waits for whom.

Syntax: docs.gitlab.com/ci/yaml. `include` is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from checks import yaml_text
from checks.gitlab.rules import Case, Run, Some, applies
from checks.outcome import Mistake

KEYWORDS = (
    "default", "include", "stages", "types", "variables", "workflow", "spec", "cache", "image",
    "services", "before_script", "after_script",
)  # fmt: skip
INHERITED = ("image", "services", "before_script", "after_script", "tags")
LINES = 500
"""Lines of a script that are read, the references followed."""
DEPTH = 10
"""How deep GitLab follows `extends`, `!reference` and lists in lists."""


class Reference(tuple[str, ...]):
    """`!reference [job, key…]`."""

    __slots__ = ()


@dataclass
class Job:
    """One job: `spec` is what it is once `extends`, `default` and references are followed."""

    name: str
    spec: dict[str, Any]
    script: str = ""
    after_script: str = ""
    stage: int = 0
    images: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    variables: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def needs(self) -> list[str] | None:
        """The jobs that it waits for; None when it waits for the stages before its own."""
        needs = self.spec.get("needs")
        if not isinstance(needs, list):
            return None
        found = []
        for each in needs:
            if isinstance(each, dict):
                if each.get("project") or each.get("pipeline"):
                    continue
                each = each.get("job")
            found.append(str(each))
        return found


@dataclass
class Pipeline:
    """The jobs of a file, and what holds for all of them."""

    jobs: dict[str, Job]
    document: dict[str, Any]
    rules: dict[str, Any]
    elsewhere: bool

    def of(self, case: Case) -> dict[str, tuple[Job, Run]]:
        """The jobs that run in a pipeline of this kind, and how."""
        told = texts(self.document.get("variables"))
        if self.rules and applies(self.rules, case, _known(told)) is None:
            return {}
        found = {}
        for name, job in self.jobs.items():
            run = applies(job.spec, case, _known(job.variables))
            if run is not None:
                found[name] = (job, run)
        return found

    def before(self, name: str, running: Mapping[str, Any]) -> set[str]:
        """The jobs of `running` that must have succeeded when job `name` starts."""
        found: set[str] = set()
        left = [name]
        while left:
            job = self.jobs[left.pop()]
            if job.needs is None:
                waited = [n for n in running if self.jobs[n].stage < job.stage]
            else:
                waited = [n for n in running if _named(n, job.needs)]
            left += [n for n in waited if n not in found]
            found.update(waited)
        return found - {name}


def _named(name: str, needs: list[str]) -> bool:
    return name in needs or any(each.startswith(f"{name}: [") for each in needs)


def read(name: str, text: str) -> Pipeline:
    """The pipeline of the file `name`; raises `yaml-illisible` or `pas-un-pipeline`."""
    found = yaml_text.documents(name, text, reference=Reference)
    if len(found) == 2 and isinstance(found[0], dict) and "spec" in found[0]:
        found = found[1:]  # the header of a template
    if len(found) != 1 or not isinstance(found[0], dict):
        raise Mistake("pas-un-pipeline", name=name, problem="on n'y trouve aucun travail nommé")
    document = {str(key): value for key, value in found[0].items()}
    elsewhere = "include" in document
    reader = _Reader(name, document, elsewhere)
    jobs: dict[str, Job] = {}
    for key, value in document.items():
        if key in KEYWORDS and isinstance(value, dict) and "script" in value:
            problem = f"`{key}` est un mot de GitLab, qui ne peut pas nommer un travail"
            raise Mistake("pas-un-pipeline", name=name, problem=problem)
        if key in KEYWORDS or key.startswith(".") or not isinstance(value, dict):
            continue
        spec = reader.resolved(reader.extended(key))
        if not any(word in spec for word in ("script", "run", "trigger")):
            if elsewhere:
                continue
            problem = f"le travail `{key}` n'a pas de `script`"
            raise Mistake("pas-un-pipeline", name=name, problem=problem)
        elsewhere = elsewhere or "trigger" in spec
        jobs[key] = reader.job(key, spec)
    if not jobs and not elsewhere:
        raise Mistake("pas-un-pipeline", name=name, problem="on n'y trouve aucun travail")
    _order(name, document, jobs, elsewhere)
    workflow = reader.resolved(document.get("workflow"))
    rules = {"rules": workflow["rules"]} if isinstance(workflow, dict) and (
        isinstance(workflow.get("rules"), list)
    ) else {}  # fmt: skip
    return Pipeline(jobs, document, rules, elsewhere)


class _Reader:
    """Follows what the jobs of one file inherit; `extends` and `!reference` may try to go far."""

    def __init__(self, file: str, document: dict[str, Any], elsewhere: bool) -> None:
        self.file = file
        self.document = document
        self.elsewhere = elsewhere
        self.left = 20 * LINES
        self.known: dict[str, dict[str, Any]] = {}

    def extended(self, name: str, through: tuple[str, ...] = ()) -> dict[str, Any]:
        """The job `name` with what it extends."""
        if name in through:
            raise self._refused(f"`extends` tourne en rond autour de `{name}`")
        if name not in self.known:
            own = self.document.get(name)
            if not isinstance(own, dict) or len(through) > DEPTH:
                if self.elsewhere:
                    return {}
                raise self._refused(f"`extends` désigne `{name}`, qui n'y est pas")
            merged: dict[str, Any] = {}
            for parent in _list(own.get("extends")):
                merged = _merged(merged, self.extended(str(parent), (*through, name)))
            self.known[name] = _merged(merged, own)
        return dict(self.known[name])

    def resolved(self, value: Any, depth: int = 0) -> Any:
        """`value` with its `!reference` followed; in a list, theirs is spliced in."""
        if isinstance(value, Reference):
            self.left -= 1
            if depth > DEPTH or self.left < 0:
                return None
            target: Any = self.document
            for key in value:
                target = target.get(key) if isinstance(target, dict) else None
            return self.resolved(target, depth + 1)
        if isinstance(value, dict):
            return {str(key): self.resolved(each, depth) for key, each in value.items()}
        if isinstance(value, list):
            found: list[Any] = []
            for each in value:
                followed = self.resolved(each, depth)
                spliced = isinstance(each, Reference) and isinstance(followed, list)
                found += followed if spliced else [followed]
                if len(found) > LINES:
                    break
            return found
        return value

    def job(self, name: str, spec: dict[str, Any]) -> Job:
        """The job `name`, completed with what holds for all."""
        inherit = spec.get("inherit")
        inherit = inherit if isinstance(inherit, dict) else {}
        default = self.document.get("default")
        default = default if isinstance(default, dict) else {}
        allowed = inherit.get("default", True)
        for key in INHERITED:
            if (
                key in spec
                or allowed is False
                or (isinstance(allowed, list) and key not in allowed)
            ):
                continue
            if (common := default.get(key, self.document.get(key))) is not None:
                spec[key] = self.resolved(common)
        variables: dict[str, list[str]] = {}
        allowed = inherit.get("variables", True)
        if allowed is not False:
            told = texts(self.resolved(self.document.get("variables")))
            variables |= {
                k: v for k, v in told.items() if not isinstance(allowed, list) or k in allowed
            }
        variables |= texts(spec.get("variables"))
        parallel = spec.get("parallel")
        for row in _list(parallel.get("matrix")) if isinstance(parallel, dict) else ():
            for key, value in row.items() if isinstance(row, dict) else ():
                variables[str(key)] = [str(each) for each in _list(value)][:8]
        script = [self._lines(name, spec.get(key)) for key in ("before_script", "script")]
        script += [
            self._lines(name, step.get("script"))
            for step in _list(spec.get("run"))
            if isinstance(step, dict)
        ]
        return Job(
            name=name,
            spec=spec,
            script="\n".join(line for lines in script for line in lines),
            after_script="\n".join(self._lines(name, spec.get("after_script"))),
            images=_images(spec.get("image")),
            services=[each for service in _list(spec.get("services")) for each in _images(service)],
            variables=variables,
        )  # fmt: skip

    def _lines(self, job: str, value: Any) -> list[str]:
        found: list[str] = []
        for each in _flat(value):
            if isinstance(each, dict):
                raise self._refused(
                    f"dans le travail `{job}`, YAML prend une ligne de script pour une clé, à "
                    "cause de son deux-points : cette ligne demande des guillemets autour d'elle"
                )
            found.append(str(each))
            if len(found) > LINES:
                break
        return found

    def _refused(self, problem: str) -> Mistake:
        return Mistake("pas-un-pipeline", name=self.file, problem=problem)


def _merged(under: dict[Any, Any], over: dict[Any, Any]) -> dict[str, Any]:
    """`over` upon `under`: mappings are merged, everything else is replaced."""
    merged = {str(key): value for key, value in under.items()}
    for key, value in over.items():
        former = merged.get(str(key))
        if isinstance(former, dict) and isinstance(value, dict):
            value = _merged(former, value)
        merged[str(key)] = value
    return merged


def _order(name: str, document: dict[str, Any], jobs: dict[str, Job], elsewhere: bool) -> None:
    """Give every job the rank of its stage; raises `pas-un-pipeline` for what GitLab refuses."""
    told = document.get("stages", document.get("types"))
    stages = [str(each) for each in _flat(told)] or ["build", "test", "deploy"]
    ranks = {stage: rank for rank, stage in enumerate([".pre", *stages, ".post"])}
    for job in jobs.values():
        stage = str(job.spec.get("stage", job.spec.get("type", "test")))
        if stage not in ranks and not elsewhere:
            problem = f"l'étape `{stage}` du travail `{job.name}` n'est pas dans `stages`"
            raise Mistake("pas-un-pipeline", name=name, problem=problem)
        job.stage = ranks.get(stage, 0)
    for job in jobs.values():
        for need in _list(job.spec.get("needs")):
            optional = isinstance(need, dict) and bool(
                need.get("optional") or need.get("project") or need.get("pipeline")
            )
            wanted = str(need.get("job")) if isinstance(need, dict) else str(need)
            known = any(_named(each, [wanted]) for each in jobs)
            if not (known or optional or elsewhere):
                problem = f"le travail `{job.name}` a besoin de `{wanted}`, qui n'y est pas"
                raise Mistake("pas-un-pipeline", name=name, problem=problem)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _flat(value: Any, depth: int = 0) -> Iterator[Any]:
    """The items of lists in lists."""
    if isinstance(value, list) and depth <= DEPTH:
        for each in value:
            yield from _flat(each, depth + 1)
    elif value is not None:
        yield value


def _images(value: Any) -> list[str]:
    """`image: a`, `image: {name: a}`: the names."""
    name = value.get("name") if isinstance(value, dict) else value
    return [str(name)] if isinstance(name, str) and name else []


def texts(value: Any) -> dict[str, list[str]]:
    """The `variables` of a file or of a job, as lists of what each may be."""
    found: dict[str, list[str]] = {}
    for key, each in value.items() if isinstance(value, dict) else ():
        if isinstance(each, dict):
            each = each.get("value", "")
        if each is True or each is False:
            each = str(each).lower()
        if not isinstance(each, list):
            found[str(key)] = ["" if each is None else str(each)[:400]]
    return found


def _known(variables: Mapping[str, list[str]]) -> dict[str, str | None]:
    """The same for a rule: one that is made of others is not known."""
    return {
        key: values[0] if len(values) == 1 and "$" not in values[0] else Some("?")
        for key, values in variables.items()
    }
