"""The desk: where people decide, and students see their own photo; one local web application.

Pages are made on the server; what they show comes from the ledger. What may be looked at and
done by whom stands at each route (`access`), and one test asks every route as everybody.

- ``app``: the application put together
- ``protection``: what stands before every route: size, host, headers, session, form token
- ``access``: who is asking, and what that account may
- ``passwords``: passwords, one-time passwords, limits on signing in
- ``desk_state``: the season that a desk serves, and its key
- ``languages``: the language of a page
- ``answering``: pages, redirects, refusals
- ``groups``: what waits, the surest groups first
- ``photo_view``: what is shown of one photo
- ``pairs``: photos that stand against one another
- ``cases``: swaps and runs that wait, each photo with the student who is proposed
- ``case_routes``: a swap or run side by side, accepted or left
- ``picture_routes``: pictures of photos
- ``review_routes``: the queue: groups, single photos, decisions, undo
- ``board_counts``: where the students stand, by class and by day, and who waits for whom
- ``curve``: how far they have come by day, laid out for drawing
- ``booths``: what a season knows of its booths
- ``board_routes``: the board, lists of students, the search
- ``student_routes``: one student: attempts, decisions, the link
- ``export_routes``: downloads of lists and notices, links for many students
- ``student_links``: addresses of one-time links, and whose link a browser came by
- ``proof_routes``: 校对, what students say of the photo that would be registered
- ``self_check``: what examines a photo for whoever asks, and keeps nothing
- ``check_routes``: 自查, a photo is tried before it is handed in
- ``handing_in``: what a student may still hand in, and what became of the last photo
- ``hand_in_routes``: 提交, a photo that was tried is handed in by the link
- ``publish``: the lists follow what was decided and handed in
- ``account_routes``: sign in and out, accounts, the audit list
- ``seasons``: several seasons at one address, and their front page
- ``listening``: where it listens, and where it refuses to
"""
