"""The vocabulary, and the tools that know no photograph. It imports nothing of ours.

- ``bands``: a limit, and how sure its measure is
- ``rules``: rule, finding, outcome, verdict, text in two languages
- ``causes``: what is told of a photo, once a cause, to three readers
- ``marks``: what was measured, as lines to be drawn over a photo
- ``finite``: finite numbers, as specifications give them
- ``records``: the frozen records that flow from one step to the next
- ``roles``: who may do what at the desk
- ``output_files``: the names of all that a run writes
- ``errors``: what can go wrong, as types, and what becomes of each
- ``verdict``: from findings to a verdict
- ``run_photos``: the photos of a run, a little of all of them, all of one when asked
- ``batched``: pieces that fit in memory
- ``counting``: how far a long step is
- ``system_words``: what the operating system and TOML say of a failure, in both languages
- ``pool``: worker processes that may die
- ``places``: where paths lead, links that lead nowhere too
- ``one_run``: the lock of a folder, and what dead runs left in it
- ``private_files``: files 0600, folders 0700, never half a file
- ``undated_zip``: entries of archives that do not tell the time
"""
