"""The API's answers: a call, its key and plan, pages, and a file for each kind of endpoint."""
