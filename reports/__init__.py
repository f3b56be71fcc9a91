"""Writers of the result: CSV, XLSX, HTML."""
