"""Ask questions about a collection of articles and get answers with verbatim, checked citations."""
