"""`python -m assistant` is the program `assistant`."""

from assistant.cli.main import main

main()
