"""Starts the page: `python app.py`. The options are those of `assistant serve`."""

from assistant.cli.serve import main

if __name__ == "__main__":
    main()
