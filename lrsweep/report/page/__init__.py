"""The report as one page that opens offline: `lrsweep report --html FILE`.

data ← writing   what the page holds, and its text; page.html, page.css and page.js draw it
"""
