import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assistant.articles import registry
from assistant.articles.registry import SUPPORTED_SUFFIXES, find_files, read_source
from assistant.errors import ReadError
from assistant.store.source_files import SourceFile


def only_problem(reading):
    assert reading.articles == ()
    (problem,) = reading.problems
    assert "\n" not in str(problem)
    return problem


def test_every_promised_format_is_registered():
    assert set(SUPPORTED_SUFFIXES) >= {".txt", ".md", ".html", ".htm", ".pdf", ".docx", ".jsonl", ".csv", ".tsv"}
    for suffix in SUPPORTED_SUFFIXES:
        assert callable(registry.reader_for(suffix))


def test_the_source_is_the_absolute_path(tmp_path, monkeypatch):
    (tmp_path / "a.TXT").write_text("Text.")
    monkeypatch.chdir(tmp_path)
    (article,) = read_source("./x/../a.TXT").articles
    assert article.source == str(tmp_path / "a.TXT")


def test_a_missing_file_is_a_problem_that_names_it(tmp_path):
    problem = only_problem(read_source(tmp_path / "gone.txt"))
    assert str(problem) == f"{tmp_path}/gone.txt: there is no such file."
    assert problem.source == str(tmp_path / "gone.txt")


def test_a_folder_is_not_a_file(tmp_path):
    assert "folder" in str(only_problem(read_source(tmp_path)))


@pytest.mark.parametrize("content", [b"", b" \n\t ", b"\xef\xbb\xbf", b"\xff\xfe"])
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_empty_files_are_problems(tmp_path, content, suffix):
    path = tmp_path / f"empty{suffix}"
    path.write_bytes(content)
    # A page is looked through for an article before it counts as empty.
    reason = "no article was found" if suffix == ".html" and content.strip() else "it is empty"
    assert reason in str(only_problem(read_source(path)))


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
def test_binary_content_under_any_name_is_a_problem(tmp_path, suffix):
    path = tmp_path / f"photo{suffix}"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40)
    assert "photo" in str(only_problem(read_source(path)))


def test_an_unknown_format_names_the_known_ones(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG")
    assert ".pdf" in str(only_problem(read_source(path)))


def test_a_file_that_is_too_large_is_refused_before_it_is_read_whole(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)  # sparse: it takes no room
    assert "larger than 50 MiB" in str(only_problem(read_source(path)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_problem(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("x")
    path.chmod(0)
    assert "permissions" in str(only_problem(read_source(path)))


def test_a_file_whose_reading_is_denied_is_a_problem(tmp_path, monkeypatch):
    path = tmp_path / "secret.txt"
    path.write_text("x")

    def deny(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(registry, "contents_of", deny)
    assert "permissions" in str(only_problem(read_source(path)))


def test_pipes_and_sockets_do_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not a regular file" in str(only_problem(read_source(tmp_path / "pipe.txt")))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))
        assert "not a regular file" in str(only_problem(read_source(tmp_path / "s.txt")))


@pytest.mark.skipif(not os.access("/proc/kmsg", os.R_OK), reason="needs Linux, and root")
@pytest.mark.timeout(60)
def test_a_link_to_what_the_kernel_has_yet_to_say_does_not_block(tmp_path):
    """A regular file as it seems, whose reader waits for the next message."""
    (tmp_path / "a.txt").symlink_to("/proc/kmsg")
    with open("/proc/kmsg", "rb", buffering=0, opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as file:
        while file.read(8192):
            pass
    assert "it cannot be read" in str(only_problem(read_source(tmp_path / "a.txt")))
    with pytest.raises(OSError, match="nothing now"):
        SourceFile.of(tmp_path / "a.txt")


def test_hostile_names_are_shown_safely(tmp_path):
    name = "evil\u202etxt\n\x1b[31m.txt"
    (tmp_path / name).write_bytes(b"\x00\x00")
    message = str(only_problem(read_source(tmp_path / name)))
    assert r"evil\u202etxt\n\x1b[31m.txt" in message


def test_a_hostile_name_does_not_keep_its_text_from_being_read(tmp_path):
    path = tmp_path / "line\nbreak \u202e.txt"
    path.write_text("Text.")
    (article,) = read_source(path).articles
    assert article.source == str(path)


def test_names_that_are_not_utf8_are_problems_rather_than_crashes(tmp_path):
    raw = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(raw, "wb") as file:  # noqa: PTH123 - pathlib has no bytes paths
        file.write(b"Text.")
    (path,) = find_files([tmp_path]).files
    assert r"caf\udce9.txt: its name is not valid UTF-8" in str(only_problem(read_source(path)))


@pytest.mark.parametrize("source", ["a\x00b.txt", "x" * 5000 + ".txt"])
def test_impossible_paths_are_problems(source):
    assert len(str(only_problem(read_source(source)))) < 400


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/a.txt", "gopher://x/", "javascript://a/%0aalert(1)"]
)
def test_other_schemes_are_refused(url):
    assert "only http and https" in str(only_problem(read_source(url)))


def test_folders_are_searched_to_the_bottom(tmp_path):
    for name in ("b.txt", "a.md", "deep/er/c.HTML", ".hidden.txt", ".git/d.txt", "photo.png", "e.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = [path.relative_to(tmp_path).as_posix() for path in find_files([tmp_path, str(tmp_path / "b.txt")]).files]
    assert found == ["a.md", "b.txt", "deep/er/c.HTML", "e.pdf"]


def test_a_file_named_directly_is_found_whatever_its_format(tmp_path):
    (tmp_path / "photo.png").write_bytes(b"x")
    assert find_files([tmp_path / "photo.png"]).files == (tmp_path / "photo.png",)


def test_loops_of_links_end(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.txt").write_text("x")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert find_files([tmp_path]).files == (tmp_path / "a" / "one.txt",)


def test_a_dangling_link_is_found_and_reported(tmp_path):
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (path,) = find_files([tmp_path]).files
    assert "no such file" in str(only_problem(read_source(path)))


def test_a_missing_path_raises(tmp_path):
    with pytest.raises(ReadError, match="no such file or folder"):
        find_files([tmp_path, tmp_path / "gone"])


@pytest.fixture
def locked(tmp_path, make_unlistable):
    """A folder that cannot be listed."""
    folder = tmp_path / "locked"
    folder.mkdir()
    make_unlistable(folder)
    return folder


def test_a_folder_that_cannot_be_listed_raises(locked):
    with pytest.raises(ReadError, match=r"locked: it cannot be listed \(Permission denied\)"):
        find_files([locked])


def test_a_folder_within_that_cannot_be_listed_does_not_hold_up_the_others(tmp_path, locked):
    (tmp_path / "a.txt").write_text("The weir opens.")
    found = find_files([tmp_path])
    assert found.files == (tmp_path / "a.txt",)
    (said,) = map(str, found.problems)
    assert said == f"{locked}: it cannot be listed (Permission denied)."


@pytest.mark.skipif(sys.platform == "win32", reason="there, no path is so long")
def test_a_folder_deeper_than_a_path_may_be_long_is_a_problem(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("The weir opens.")
    monkeypatch.chdir(tmp_path)
    for _ in range(2500):
        Path("d").mkdir()
        os.chdir("d")
    os.chdir(tmp_path)
    try:
        found = find_files([tmp_path])
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)
    assert found.files == (tmp_path / "a.txt",)
    (said,) = map(str, found.problems)
    assert "File name too long" in said
    assert "\n" not in said


def test_reading_from_many_threads_gives_the_same(tmp_path):
    for number in range(20):
        (tmp_path / f"{number}.md").write_text(f"# Title {number}\n\nText *{number}*.")
    titles = []
    files = find_files([tmp_path]).files
    threads = [
        threading.Thread(target=lambda path=path: titles.append(read_source(path).articles[0].title)) for path in files
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(titles) == sorted(f"Title {number}" for number in range(20))


def test_a_question_does_not_pay_for_the_libraries_of_the_formats():
    heavy = ["trafilatura", "lxml", "pdfminer", "docx", "markdown_it", "dateparser", "httpx2", "yaml"]
    program = f"import sys, assistant.articles.registry; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_lock_files_are_not_looked_at_and_other_formats_are_named(tmp_path):
    for name in ("a.txt", "~$report.docx", "b.xyz", "deep/c.png", "deep/LICENSE", ".hidden.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = find_files([tmp_path])
    assert found.files == (tmp_path / "a.txt",)
    assert found.passed_over == (tmp_path / "b.xyz", tmp_path / "deep" / "LICENSE", tmp_path / "deep" / "c.png")


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("*.md",), (), ["b.md", "drafts/c.md"]),
        ((), ("drafts/",), ["a.txt", "b.md"]),
        (("*.md",), ("drafts/*",), ["b.md"]),
        (("drafts/*", "a.txt"), (), ["a.txt", "drafts/c.md"]),
    ],
)
def test_patterns_choose_files(tmp_path, include, exclude, expected):
    for name in ("a.txt", "b.md", "drafts/c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = find_files([tmp_path], include=include, exclude=exclude).files
    assert [path.relative_to(tmp_path).as_posix() for path in found] == expected
