-- Everybody's rows for tests/team_figures.py: every opening with what it was about, and every sentence's likeliest doubt.
create temp table called as
select o.conversation, o.agent, o.skill, o.status, o.met * (1 - o.met) as doubt,
case o.skill when 'empathy' then coalesce(q.feeling, 'a feeling')
when 'listening' then case when cue('moment.problem', q.text) then 'a problem' when cue('moment.wish', q.text) then 'a wish'
else 'something told' end
else case when cue('opening.question', q.text) or q.text like '%?%' then 'a question'
when cue('opening.fault', q.text) then 'a fault' else 'a request' end end as moment,
coalesce(c.type, 'can''t tell') as type, coalesce(c.channel, 'unknown') as channel,
substr(coalesce(q.time, c.started), 12, 2) as hour,
coalesce(o.response_turn, (select a.turn from turns a where a.conversation = o.conversation and a.role = 'agent'
and a.turn > o.turn and not exists (select 1 from turns n join turns m using (conversation)
where n.conversation = o.conversation and n.role = 'agent' and m.role = 'customer'
and n.turn > o.turn and m.turn > n.turn and m.turn < a.turn) order by length(a.text) desc, a.turn limit 1)) as answer
from openings o join turns q using (conversation, turn) join conversations c on c.id = o.conversation;
create temp table sure as
select called.rowid as opening from called where answer is not null and status <> 'recovered' and
abs((status = 'missed') - coalesce((select max(case called.skill
when 'empathy' then max(acknowledge, apologise, reassure, appreciate) when 'listening' then max(restate, "check", probe)
else max(instruct, explain, expect, verify) end) from sentences s
where s.conversation = called.conversation and s.turn = called.answer), 0)) >= 0.6;
