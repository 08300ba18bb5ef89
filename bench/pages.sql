INSERT INTO document (id, title, as_of_on, sha256, file_name, text, imported_at, imported_by)
    SELECT 1, '주요업무 보고', '2024-09-30', 'x', 'report.md', string_agg('- 사업 ' || n || ' 준공 : 2024. 10월', E'\n'), %(now)s, 'admin'
    FROM generate_series(1, 5000) n;
INSERT INTO unit (id, name, kind, position) SELECT n, '제' || n || '과', 'department', n FROM generate_series(1, %(departments)s) n;
INSERT INTO unit (id, name, kind, position, parent_id)
    SELECT %(departments)s + n, '제' || n || '팀', 'team', n, 1 + (n - 1) / 5 FROM generate_series(1, %(teams)s) n;
INSERT INTO post (id, unit_id, title) SELECT id, id, CASE kind WHEN 'team' THEN '팀장' ELSE '과장' END FROM unit;
INSERT INTO person (id, name, email) SELECT id, '담당' || id, 'p' || id || '@office.example' FROM post;
INSERT INTO assignment (post_id, person_id, from_on) SELECT id, id, '2024-01-01' FROM post;
INSERT INTO project (id, document_id, unit_id, team_id, number, title, line, activated_at)
    SELECT n, 1, 1 + ((n - 1) %% %(teams)s) / 5, %(departments)s + 1 + (n - 1) %% %(teams)s, n, '제' || n || '호 사업 추진', 1,
        CASE WHEN n <= %(projects)s THEN %(now)s END
    FROM generate_series(1, %(projects)s + %(waiting)s) n;
INSERT INTO project_text (project_id, document_id, section, heading, position, level, text, line)
    SELECT p.id, 1, CASE WHEN k <= 2 THEN 'overview' WHEN k <= 4 THEN 'results' ELSE 'next_steps' END, '추진실적', k, 1,
        '제' || k || '차 추진 내용을 관계 부서와 협의하여 정리함', 1 + k FROM project p CROSS JOIN generate_series(1, 5) k;
INSERT INTO problem (project_id, document_id, problem, measure, line)
    SELECT id, 1, '예산 확보 지연', '추가경정예산 반영', 3 FROM project WHERE id %% 3 = 0;
INSERT INTO milestone (id, project_id, document_id, label, section, line, raw, start_on, end_on, precision, open_start,
    open_end, tentative, kind, status, is_deadline, baseline_raw, baseline_start_on, baseline_end_on, status_since)
    SELECT n, CASE WHEN n <= %(size)s THEN 1 + (n - 1) %% %(projects)s ELSE %(projects)s + 1 + n %% %(waiting)s END, 1, '제' || n || '공구 준공', '향후추진계획', 1 + n %% 5000, '2024. 10월', day, day, 'day', false,
        false, false, 'completion', CASE WHEN day < '2024-10-01' AND n %% 50 > 0 OR n %% 4 > 0 THEN 'done' ELSE 'planned' END,
        true, '2024. 10월', day, day, %(now)s
    FROM (SELECT n, date '2022-10-08' + (n * 7919) %% 1460 AS day FROM generate_series(1, %(size)s + %(waiting)s * 10) n) m;
INSERT INTO status_report (milestone_id, project_id, post_id, reported_at, reported_by, kind, reason, percent_complete, results,
    problems, measures, next_steps)
    SELECT m.id, m.project_id, p.team_id, %(now)s - m.id %% 300 * interval '1 day', '담당 팀장', 'on_track', '', m.id %% 100,
        '설계를 마치고 공사를 발주함', '', '', '공정 점검 회의' FROM milestone m JOIN project p ON p.id = m.project_id
    WHERE m.id %% 2 = 0 AND m.id <= %(size)s;
INSERT INTO milestone_revision (milestone_id, changed_at, changed_by, reason, status_after, raw_after)
    SELECT id, %(now)s, 'import', '문서 등록', status, raw FROM milestone;
INSERT INTO notification (id, key, post_id, channel, kind, slot_at, state, attempts, recipients, subject, text, html, created_at, sent_at)
    SELECT n, 'post:' || n, 1 + n %% (%(teams)s + %(departments)s), 'email', 'morning', %(now)s - n * interval '5 minutes',
        CASE WHEN n %% 1000 = 0 THEN 'failed' ELSE 'sent' END, 1,
        '[{"name": "담당", "post": "팀장", "unit": "팀", "email": "p@office.example"}]', '[일정 알림] 오늘 1건', repeat('글', 500),
        repeat('<p>글</p>', 300), %(now)s, %(now)s - n * interval '5 minutes' FROM generate_series(1, %(size)s / 4) n;
INSERT INTO delivery_attempt (notification_id, attempted_at, address, outcome, response)
    SELECT id, %(now)s, 'p@office.example', 'accepted', '250 2.0.0 OK' FROM notification;
INSERT INTO reminder (key, rule_id, milestone_id, post_id, ask, "end", anchor_on, "offset", offset_unit, repeat_number, level, due_at,
    state, state_since, notification_id)
    SELECT 'r' || k || '/' || m.id, 1, m.id, p.team_id, 'upcoming', 'end', m.end_on, -k, 'calendar', 0, 0,
        (m.end_on - k * 3) + time '00:00' AT TIME ZONE 'UTC',
        CASE WHEN m.status = 'planned' AND m.end_on - k * 3 > '2024-10-08' THEN 'planned' ELSE 'dispatched' END, %(now)s,
        CASE WHEN m.status = 'planned' AND m.end_on - k * 3 > '2024-10-08' THEN NULL ELSE 1 + (m.id * 3 + k) %% (%(size)s / 4) END
    FROM milestone m JOIN project p ON p.id = m.project_id CROSS JOIN generate_series(1, %(each)s) k WHERE m.id <= %(size)s;
INSERT INTO collection_round (id, title, as_of_on, due_at, state, opened_at)
    VALUES (1, '10월 정기 취합', '2024-10-01', %(now)s + interval '5 days', 'open', %(now)s);
INSERT INTO absence (person_id, deputy_id, from_on, until_on, reason)
    SELECT id, id + 1, '2024-10-07', '2024-10-11', '연가' FROM person WHERE id %% 10 = 5;
UPDATE person SET bounced_at = %(now)s WHERE id %% 50 = 7;
INSERT INTO status_request (id, key, post_id, reason, round_id, state, requested_at,
    due_at)
    SELECT n, 'post:1/milestone:' || n || '/2024-10-01', 1 + n %% (%(teams)s + %(departments)s), 'deadline', CASE WHEN n <= %(teams)s THEN 1 END,
        CASE WHEN n %% 10 = 0 OR n <= %(teams)s THEN 'requested' ELSE 'accepted' END, %(now)s, %(now)s + (n %% 20 - 10) * interval '1 day'
    FROM generate_series(1, %(size)s / 4) n;
INSERT INTO status_request_item (request_id, milestone_id) SELECT id, 1 + id %% %(size)s FROM status_request;
INSERT INTO finding (document_id, project_id, code, severity, line, message)
    SELECT 1, n, 'sum-mismatch', 'warning', n, '합계가 다릅니다' FROM generate_series(1, least(2000, %(projects)s)) n;
INSERT INTO audit_entry (at, actor, act, subject, detail, origin)
    SELECT %(now)s - n * interval '1 minute', 'account:1 kim', 'answer', 'milestone:' || n, 'done', 'web' FROM generate_series(1, %(size)s) n;
SELECT setval(pg_get_serial_sequence(name, 'id'), 1000000000) FROM unnest(ARRAY['document', 'unit', 'post', 'person', 'project', 'milestone',
    'notification', 'collection_round', 'status_request']) AS named(name);
