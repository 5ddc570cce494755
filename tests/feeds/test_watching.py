"""Files that are watched, with real changes of real files."""

import threading

import pytest

from assistant import Assistant
from assistant.errors import ReadError

PATIENCE = 30


@pytest.mark.slow
def test_changes_of_files_are_synced_and_the_stores_own_are_not(tmp_path, encoder):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("The pier is open. Ferries go daily.", encoding="utf-8")
    stop, reports, came = threading.Event(), [], threading.Condition()
    # The store is in the folder that is watched.
    with Assistant(folder / "vectorstore", chat_model="extractive") as assistant:
        assistant.__dict__["_encoder"] = encoder

        def watch():
            for report in assistant.watch(folder, stop=stop):
                with came:
                    reports.append(report)
                    came.notify()

        def wait_for(count):
            with came:
                assert came.wait_for(lambda: len(reports) >= count, PATIENCE), reports

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            wait_for(1)
            threading.Event().wait(1)  # the watching itself begins
            (folder / ".hidden.txt").write_text("Not looked at.", encoding="utf-8")
            (folder / "b.txt").write_text("The market is closed. It opens on Sunday.", encoding="utf-8")
            wait_for(2)
            (folder / "a.txt").unlink()
            wait_for(3)
            threading.Event().wait(2)  # what the syncs wrote into the store makes no other
        finally:
            stop.set()
            thread.join()
    assert [report.added for report in reports] == [(str(folder / "a.txt"),), (str(folder / "b.txt"),), ()]
    assert reports[2].removed == (str(folder / "a.txt"),)


def test_what_is_not_there_cannot_be_watched(tmp_path, encoder):
    with Assistant(tmp_path / "store") as assistant:
        assistant.__dict__["_encoder"] = encoder
        watching = assistant.watch(tmp_path / "missing")
        with pytest.raises(ReadError, match="no such file or folder"):
            next(watching)
