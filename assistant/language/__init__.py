"""Language: text to language, normal form, stems and sentence boundaries."""
