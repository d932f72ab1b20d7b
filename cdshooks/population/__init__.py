"""Many patients at once: from the files of a bulk export to rows that worklists and reports are made of.

Each step is a function of bytes, so that every engine runs the same ones:

    files      `find_files` of an export; `lines.blocks` of whole lines in each
    resources  `each` resource in some lines, Bundles opened; `whose` it is; `list_of` it
    trace      `Trace.suspect`, `Trace.matters`: may this line, by itself, matter? Without false negatives
    survey     `Survey`: the first pass over a block, or a file: `Seen`
    pick       `Pick.picked`: the lines of wanted patients in a block, each as (patient key, (list, line))
    patient    `Patients.rows`: the lines of one patient -> `row.Row`; nowhere else is a chart put together
    local      `Run`: `passes` over the files and the judging, in as many processes as there are cores
    spark      `SparkRun`, on Apache Spark: the same passes as stages of a cluster (`spark_tasks`: what one task does)
    folder     what a run writes: rows, worklists, errors, summary, and ``_SUCCESS`` where everything was read
    tables     the formats that it is written in, and the data dictionary
    burden     which cards would have been shown in a period: the hook calls of a patient, each as of its time

An engine adds up `Seen` of all lines, first of those that others refer to (`referred`, `shared_lines`), makes `Known` of
it, picks the lines of ``Seen.owners``, brings them together by patient and asks `Patients.rows`; `passes.Passes` is one
that does. A patient is known by a key, ``0/p1``: the place of the server in `files.ExportFiles.servers`, and the id there.

A line that was not read is an `unread.UnreadLine`, one row in the errors table. Where it tells whose it was, that
patient's list holds an entry that could not be read (an empty line, to `Patients.rows`); where it does not, every
patient's of that server does (`patient.Known.lost`). So what was not read is never silence (docs/fhir-mapping.md §14).

Rows (`row.Row`, `row.encoded_row`) are in order of server, patient and rule, and are the same bytes whichever engine
made them, in however many processes, from lines in whatever order.
"""
