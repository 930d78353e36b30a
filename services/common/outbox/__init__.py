"""The outbox: every intention to text is a row; claim, send, record and settle keep the guarantee of docs/guarantee.md."""
