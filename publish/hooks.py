"""What MkDocs calls while it builds: pages of notebooks, chapters prepared, menu, search mended."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import markdown as python_markdown  # type: ignore[import-untyped]
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from checks.typography import french
from publish import cards, chapter, explorer, glossary, home, pages, search, teaching
from publish.chapter import Context
from publish.markdown import PageError, front_matter

PHASES = {
    1: "Comprendre",
    2: "Sauvegarder et charger",
    3: "Exporter et importer",
    4: "Publier",
    5: "Projet final",
}
BEARINGS = ("choisir.md", "explorateur.md", "idees-recues.md", "synthese.md", "glossaire.md")
"""Pages that belong to no phase, in the order of the menu."""

_contexts: dict[str, Context] = {}
_terms: list[glossary.Term] = []


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the menu of what exists."""
    folder = Path(config.docs_dir)
    own_notebooks = notebooks()
    nav: list[Any] = [{"Accueil": "index.md"}]
    for phase, title in PHASES.items():
        entries: list[Any] = [path.name for path in sorted(folder.glob(f"{phase}-*.md"))]
        if phase in own_notebooks:
            try:
                entries.append({pages.menu_title(phase): own_notebooks[phase]})
            except PageError as problem:
                raise PluginError(str(problem)) from problem
        if entries:
            nav.append({f"{phase} · {title}": entries})
    config.nav = [*nav, *({name: own} for name, own in _others(folder).items())]
    return config


def _others(folder: Path) -> dict[str, list[str]]:
    """The pages that belong to no phase, as the menu groups them."""
    own = [name for name in BEARINGS if (folder / name).exists()]
    own += [f"annexes/{path.name}" for path in sorted(folder.glob("annexes/*.md"))]
    return {"Repères": own, "Enseigner": [teaching.FOLDER + name for name in teaching.PAGES]}


def _stepper(page: str, phase: int | None, folder: Path) -> str:
    """The phases, above a page that belongs to one."""
    if phase is None:
        return ""
    first = dict(notebooks())
    for path in sorted(folder.glob("[1-9]-*.md"), reverse=True):
        first[int(path.name[0])] = path.name
    return home.stepper({n: PHASES[n] for n in sorted(first)}, first, page, phase)


def _facts(source: str, phase: int | None) -> list[str]:
    """What a notebook takes and gives: minutes, missions, points."""
    if phase is None or not source.startswith("notebooks/"):
        return []
    total = sum(count for id, count in teaching.minutes().items() if id.startswith(f"{phase}."))
    return [f"{teaching.hours(total)} environ", pages.facts(phase)]


def notebooks() -> dict[int, str]:
    """The page of each phase's notebook."""
    return {int(path.stem.split("-")[1]): f"notebooks/{path.stem}.md" for path in pages.published()}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page and a file to download for each notebook."""
    _terms.clear()
    _contexts.clear()
    try:
        for path in pages.published():
            page = f"notebooks/{path.stem}.md"
            files.append(File.generated(config, page, content=pages.markdown(path)))
            files.append(File.generated(config, f"notebooks/{path.name}", content=path.read_text()))
        for file in files.documentation_pages():
            if file.abs_src_path:
                front_matter(Path(file.abs_src_path).read_text(), file.src_uri)
        words = Path(config.docs_dir) / glossary.PAGE
        if words.exists():
            _terms.extend(glossary.terms(words.read_text()))
    except PageError as problem:
        raise PluginError(str(problem)) from problem
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn what authors write into what the generator reads."""
    source = page.file.src_uri
    folder = Path(config.docs_dir) / posixpath.dirname(source)
    context = Context(source, folder, notebooks(), _converter(config))
    _contexts[source] = context
    if source == "index.md":
        page.meta["hide"] = ["navigation", "toc"]
    try:
        offset = _front_matter_lines(page)
        text = "\n" * offset + markdown
        text = chapter.prepare(teaching.prepare(text, source), context).lstrip("\n")
        if source == glossary.PAGE and "\n## " not in text:
            text = text.replace("\n### ", "\n## ")  # no level of titles is skipped
        phase = _phase(source)
        page.meta.setdefault("search", {"boost": _weight(source)})
        stepper = _stepper(source, phase, Path(config.docs_dir))
        text = _under_title(text, chapter.header(page.meta, stepper, _facts(source, phase)))
        closing = chapter.footer(page.meta, context)
        if source == "index.md":
            road = home.road(PHASES, Path(config.docs_dir), notebooks())
            road += "\n" + home.bearings(Path(config.docs_dir), _others(Path(config.docs_dir)))
            text = text.replace("<!-- route -->", road)
    except PageError as problem:
        raise PluginError(_in_notebook(str(problem), source, text)) from problem
    return _before_quiz(text, closing)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put back what was set aside, and link the words of the glossary."""
    source = page.file.src_uri
    plain = source in (glossary.PAGE, "index.md") or source.startswith(teaching.FOLDER)
    if _terms and not plain:  # teachers know these words, and use them in other senses
        target = files.get_file_from_path(glossary.PAGE)
        if target is not None:
            html = glossary.linked(html, _terms, target.url_relative_to(page.file))
    html = chapter.finish(html, _contexts[source])
    html = explorer.place(html, Path(config.docs_dir))
    _french_titles(page.toc)
    return accessible(typeset(html))


def on_env(env: Any, config: MkDocsConfig, files: Files) -> None:
    """The menu lost the no-break spaces of titles, too."""
    for file in files.documentation_pages():
        if file.page and file.page.title:
            file.page.title = french(str(file.page.title))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Mend what the theme leaves to be desired for those who do not see the page."""
    output = output.replace(' tabindex="">', ">")  # on labels: no valid number
    output = re.sub(r"<title>.*?</title>", lambda match: typeset(match[0]), output, count=1)
    output = output.replace('<div class="md-search" data-md-component="search" role="dialog">',
                          '<div class="md-search" data-md-component="search" role="dialog" '
                          'aria-label="Recherche">')  # fmt: skip
    return output.replace("</head>", _card(page, config) + "</head>", 1)


def _card(page: Page, config: MkDocsConfig) -> str:
    """Draw the page's social card and return the tags that name it; nothing without an address."""
    if not config.site_url or page.canonical_url is None:
        return ""
    phase = _phase(page.file.src_uri)
    above = {None: "Cours pratique", 5: PHASES[5]}.get(phase, f"Phase {phase}")
    title = config.site_name if page.is_homepage else str(page.title)
    picture = cards.address(page.file.src_uri)
    target = Path(config.site_dir) / picture
    target.parent.mkdir(parents=True, exist_ok=True)
    below = "Gratuit, hors ligne, vérifié" if page.is_homepage else config.site_name
    target.write_bytes(cards.draw(title, above, below))
    description = str(page.meta.get("description") or config.site_description)
    return cards.tags(
        title, config.site_name, description, page.canonical_url, config.site_url + picture
    )


def on_post_build(config: MkDocsConfig) -> None:
    """Teach the search French, and leave no trace of what nobody asks for."""
    site = Path(config.site_dir)
    search.teach_french(site)
    _mend_bundle(site)
    for unused in site.rglob("*.map"):
        unused.unlink()


def _french_titles(entries: Iterable[AnchorLink]) -> None:
    """The table of contents lost the no-break spaces of titles."""
    for entry in entries:
        entry.title = french(entry.title)
        _french_titles(entry.children)


def _mend_bundle(site: Path) -> None:
    """Keep the theme's script from making nameless landmarks, and scrolling parts without focus;
    and from loading the search index, heavier than a page, before anybody searches.

    Raises `RuntimeError` when the theme changed.
    """
    (bundle,) = site.glob("assets/javascripts/bundle.*.min.js")
    code = bundle.read_text()
    for anchor, replacement in (
        ('("nav",{class:"md-code__nav"})', '("div",{class:"md-code__nav"})'),
        (
            '("div",{class:"md-typeset__scrollwrap"}',
            '("div",{class:"md-typeset__scrollwrap",tabindex:"0"}',
        ),
        ('L($(location.protocol!=="file:"),Je("search"))', 'Je("search")'),
        (
            'z([t,r.pipe(Q(we()),g(o=>!!o.searchParams.get("h")))])',
            'r.pipe(Q(we()),g(o=>!!o.searchParams.get("h")),b(o=>z([t,$(o)])))',
        ),
    ):
        if code.count(anchor) != 1:
            raise RuntimeError(f"Material's script is no longer what it was: {anchor}")
        code = code.replace(anchor, replacement)
    bundle.write_text(code)


def _converter(config: MkDocsConfig) -> Callable[[str], str]:
    """Markdown to HTML with the site's own extensions, without ids of titles."""
    names = [name for name in config.markdown_extensions if name != "toc"]
    parser = python_markdown.Markdown(extensions=names, extension_configs=config.mdx_configs)

    def convert(text: str) -> str:
        parser.reset()
        return str(parser.convert(text))

    return convert


_CODE_OR_MARKUP = re.compile(
    r"(<(pre|code|script|style|svg|kbd)\b.*?</\2>|<!--.*?-->|<[^>]*>)", re.DOTALL
)


def typeset(html: str) -> str:
    """No-break spaces and apostrophes, wherever the text of the page came from."""
    parts = _CODE_OR_MARKUP.split(html)  # text, markup, its name, text…
    parts[::3] = [french(text) for text in parts[::3]]
    del parts[2::3]
    return "".join(parts)


def accessible(html: str) -> str:
    """Blocks that scroll sideways can be reached with the keyboard; no title is empty."""
    html = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", html)
    return re.sub(r"<pre>(?=<span></span><code>)", '<pre tabindex="0">', html)


def _front_matter_lines(page: Page) -> int:
    """How many lines of the source come before what MkDocs calls its Markdown."""
    try:
        source = Path(page.file.abs_src_path or "").read_text()
    except OSError:
        return 0
    _, body = front_matter(source)
    return source[: len(source) - len(body)].count("\n")


def _phase(source: str) -> int | None:
    match = re.match(r"(?:notebooks/phase-)?(\d)-", source)
    return int(match[1]) if match else None


def _in_notebook(problem: str, source: str, text: str) -> str:
    """A problem of a page made of a notebook, said with the line of the notebook."""
    match = re.match(re.escape(source) + r":(\d+)", problem)
    if match is None or not source.startswith("notebooks/"):
        return problem
    path = pages.NOTEBOOKS / Path(source).with_suffix(".ipynb").name
    words = [*text.split("\n"), ""][int(match[1]) - 1]
    return f"{path.name}:{pages.line_with(path, words)}" + problem[match.end() :]


def _weight(source: str) -> float:
    """How much a page counts in the search: where a thing is taught comes first."""
    if re.match(r"\d-", source):
        return 4
    if source in ("idees-recues.md", "glossaire.md"):
        return 0.005  # their titles hold every word of the course
    if source.startswith(("annexes/", teaching.FOLDER)):
        return 0.04
    if source.startswith("notebooks/"):
        return 0.002  # they practise what chapters teach: below even a chapter's plain text
    return 2 if source == "choisir.md" else 1


def _under_title(text: str, header: str) -> str:
    if not header:
        return text
    title, newline, rest = text.partition("\n")
    return f"{title}{newline}\n{header}\n{rest}"


def _before_quiz(text: str, closing: str) -> str:
    if not closing:
        return text
    before, found, after = text.partition("\n## Quiz")
    return f"{before}\n\n{closing}\n{found}{after}"
