"""A shop's past, sold again: documents of another till become sales, write-offs and credit notes of a new shop.

Nothing is written past the shop's own checks. Each document goes through the actions the API calls, in its own
transaction, at its own date, in the order of time. What this promises:
- every line of a file is either taken, to the penny, or reported with its row and the reason;
- the files' total of a month is the shop's net total of that month plus what is reported, or the import fails;
- an import that is run again goes on where it stopped, for every document has the same id each time it is read.

`online_retail` reads the files, `plan` decides what each line becomes, `bodies` writes it in the API's words, `shop`
opens the shop, `run` sells, `report` adds up, `terminal` shows it to a person.
"""
