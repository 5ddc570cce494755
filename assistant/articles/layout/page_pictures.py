"""`draw_pages`: pages of a PDF as pictures, for text recognition. Run as a child process.

A picture of a page takes far more memory than its text. The file is on the standard input, and the limit of memory the
first argument. The second is a folder, into which the pages go that the others number from 1: a file for each, such as
`3.pgm`. The answer is a JSON object: the resolution of each, by its number.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pypdfium2

from assistant.articles.layout.limits import limit_memory

_RESOLUTION = 300  # dots per inch, which Tesseract reads best
_INCH = 72
_LONGEST_SIDE = 6000


def draw_pages(content: bytes, numbers: Sequence[int], folder: Path) -> dict[int, int]:
    """Write pages as grey pictures, and return the dots per inch of each; of very large pages there are fewer.

    Args:
        content: The whole file.
        numbers: The pages, from 1.
        folder: Where the pictures go.
    """
    document = pypdfium2.PdfDocument(content)
    resolutions = {}
    for number in numbers:
        page = document[number - 1]
        scale = min(_RESOLUTION / _INCH, _LONGEST_SIDE / max(page.get_size()))
        bitmap = page.render(scale=scale, grayscale=True)
        rows = memoryview(bitmap.buffer).cast("B")
        with (folder / f"{number}.pgm").open("wb") as file:
            file.write(f"P5 {bitmap.width} {bitmap.height} 255\n".encode())
            for row in range(bitmap.height):
                file.write(rows[row * bitmap.stride : row * bitmap.stride + bitmap.width])
        resolutions[number] = max(round(scale * _INCH), 1)
        page.close()
    return resolutions


if __name__ == "__main__":
    limit_memory(int(sys.argv[1]))
    json.dump(draw_pages(sys.stdin.buffer.read(), [*map(int, sys.argv[3:])], Path(sys.argv[2])), sys.stdout)
