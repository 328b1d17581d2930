-- The rows of one agent, gathered for tests/figures.py, or with :agent null everybody's; `weights` are the rubric's.
create temp table own as select conversation as id from turns where role = 'agent' and agent = :agent
union select id from conversations where :agent is null
or agent = :agent and id not in (select conversation from turns where role = 'agent');
create temp table scored as
select conversation, part, expected, variance, agent from credits where agent is not null
union all select conversation, part, expected, variance, null from credits;
create temp table scores as
select c.conversation, c.agent, w.side,
min(max((sum(w.weight * c.expected) + w.strength * w.start) / (sum(w.weight) + w.strength), 1e-6), 1 - 1e-6) as mean,
sum(w.weight * w.weight * c.variance) / ((sum(w.weight) + w.strength) * (sum(w.weight) + w.strength)) as error,
sum(w.weight) + w.strength as weight, substr(t.started, 1, 10) as day
from scored c join weights w on w.part = c.part and w.weight > 0 join conversations t on t.id = c.conversation
group by c.conversation, c.agent, w.side
having sum(c.part not in ('verification', 'ending')) > 0;
create temp table opened as
select o.*, substr(c.started, 1, 10) as day from openings o join conversations c on c.id = o.conversation
where :agent is null or o.agent = :agent;
create temp table known as
select c.*, coalesce(c.channel, 'unknown') as at, coalesce(c.resolved, c.judged_resolved) as ended_as,
:agent is null or (select agent from turns t where t.conversation = c.id and role = 'agent' and agent is not null
order by turn limit 1) = :agent as is_first,
coalesce(c.first_response_seconds, round((select 86400 * (julianday(a.time) - julianday(q.time)) from turns q join turns a
on a.conversation = q.conversation where q.conversation = c.id and a.role = 'agent' and a.time >= q.time and q.turn =
(select min(turn) from turns where conversation = c.id and role = 'customer') order by a.turn limit 1), 3)) as answered,
coalesce(c.resolution_seconds, case when c.resolved = 'yes' and c.ended >= c.started
then round(86400 * (julianday(c.ended) - julianday(c.started)), 3) end) as settled,
round(86400 * ((select max(julianday(started)) from conversations) - julianday(c.started)), 3) as watched,
(select round(86400 * min(julianday(n.started) - julianday(c.started)), 3) from conversations n where n.id <> c.id
and trim(n.customer) = trim(c.customer) and (julianday(n.started), n.id) > (julianday(c.started), c.id)) as next_after,
trim(c.customer) <> '' and c.started is not null and not exists (select 1 from conversations n
where trim(n.customer) = trim(c.customer) and (julianday(n.started), n.id) < (julianday(c.started), c.id))
as is_customers_first
from own join conversations c on c.id = own.id;
create temp table manners as
with said as (
select t.conversation, t.agent, t.turn, s.expect, max(s.instruct, s.explain) as guiding,
max(s.acknowledge, s.apologise, s.reassure, s.appreciate) as caring,
row_number() over (partition by t.conversation, t.agent order by t.turn, s.start) - 1 as place,
exists (select 1 from tags g where g.conversation = s.conversation and g.turn = s.turn and g.start = s.start
and g.tag in ('instruct', 'explain')) as guides,
exists (select 1 from tags g where g.conversation = s.conversation and g.turn = s.turn and g.start = s.start
and g.skill = 'empathy') as cares
from sentences s join turns t on t.conversation = s.conversation and t.turn = s.turn
where t.agent is not null),
length as (select conversation, agent, sum(words(text)) * 1.0 / count(*) as words from turns t
where exists (select 1 from said where said.conversation = t.conversation and said.turn = t.turn) group by 1, 2),
told as (select conversation, agent, count(*) as many, min(case when guides then place end) as guide,
min(case when cares then place end) as care, max(expect) as timetable, avg(guiding) as detail, avg(caring) as warmth
from said group by 1, 2)
select told.conversation, told.agent, c.type, -ln(max(words, 1.0)) as brevity, -coalesce(guide, many) * 1.0 / many as promptness,
timetable, detail, warmth, care is not null and (guide is null or care <= guide) as care_first
from told join length using (conversation, agent) join conversations c on c.id = told.conversation;
create temp table slips as
select 'unanswered question' as kind, o.conversation, a.agent from openings o join turns q using (conversation, turn)
left join turns a on a.conversation = o.conversation and a.turn = (select min(turn) from turns n
where n.conversation = o.conversation and n.turn > o.turn and n.role = 'agent')
where o.skill = 'instruction' and o.status = 'missed' and q.text like '%?%' and cue('opening.question', q.text)
and (a.turn is null or exists (select 1 from turns r where r.conversation = o.conversation and r.repeats
and r.turn > o.turn))
union all select 'customer repeats', r.conversation, a.agent from turns r join turns a
on a.conversation = r.conversation and a.turn = (select max(turn) from turns b where b.conversation = r.conversation
and b.turn < r.turn and b.role = 'agent') where r.repeats and (cue('call.says_again', r.text)
or alike(r.text, (select group_concat(text, char(30)) from turns c where c.conversation = r.conversation
and c.turn < r.turn and c.role = 'customer')))
union all select 'unchecked instruction', i.conversation, a.agent
from (select conversation, min(turn) as first, max(turn) as last
from tags where tag = 'instruct' and probability >= 0.6 group by 1) i
join turns a on a.conversation = i.conversation and a.turn = i.last where not exists (select 1 from tags v
where v.conversation = i.conversation and v.tag = 'verify' and v.turn >= i.first)
and exists (select 1 from turns c where c.conversation = i.conversation and c.role = 'customer' and c.turn < i.last
and cue('opening.fault', c.text)) and (select count(*) > 0 and not sum(cue('ending.solved', c.text)
or cue('ending.thanks', c.text)) from turns c where c.conversation = i.conversation and c.role = 'customer'
and c.turn > i.last)
union all select 'promise without a time', t.conversation, t.agent from turns t
join sentences s using (conversation, turn)
where cue('slip.promise', substr(t.text, s."start" + 1, s."end" - s."start"))
and not cue('slip.time', t.text) and exists (select 1 from turns c where c.conversation = t.conversation
and c.role = 'customer' and c.turn < t.turn) group by t.conversation, t.turn
union all select 'empty empathy', conversation, agent from (select o.conversation, o.agent, min(o.rowid) from openings o
join conversations c on c.id = o.conversation
where coalesce(c.resolved, c.judged_resolved) <> 'yes' and o.skill = 'empathy' and o.status = 'met'
and o.response_turn > coalesce((select max(turn) from sentences s where s.conversation = o.conversation
and max(instruct, explain, expect) > 0.4), -1) group by o.conversation);
