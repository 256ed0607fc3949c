/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The push, pull and overlay of PROTOCOL.md for one record of two units, checked by spin in every interleaving.
 * README.md says what is left out and how to run it.
 *
 * Every value that a person types is another number, from 1 to EDITS, and so is the group that carries it: group and
 * value share the number. It is never typed twice, so it stands for the group's hash too; `prev` makes the chain. Sets
 * of values are bits of a byte. */

#ifndef DEVICES
#define DEVICES 2
#endif
#ifndef EDITS
#define EDITS 3
#endif
#ifndef CLONES /* copied replicas */
#define CLONES 0
#endif
#ifndef LOSSES /* lost requests and lost answers */
#define LOSSES 1
#endif
#ifndef LATE /* requests that arrive after their sender gave them up and sent another */
#define LATE 1
#endif
#ifndef RESTORES /* 1: the server is set back to a backup */
#define RESTORES 0
#endif
#ifndef REFUSALS /* values that the server will refuse */
#define REFUSALS 1
#endif

#define REPLICAS (DEVICES + CLONES)
#define IDS (DEVICES + 2 * (CLONES + RESTORES * REPLICAS) + 1)
#define ASK 0
#define LATEST 1
#define bit_of(v) (1 << (v))
#define has(set, v) ((set) & bit_of (v))
#define put(set, v) set = (set) | bit_of (v)
#define take(set, v) set = (set) & ~bit_of (v)
#define when(condition, then) if :: condition -> then :: else fi

/* ---- What was typed ------------------------------------------------------------------------------- */

typedef Group {
  byte n, prev;  /* the replica's counter, and its group before this one: what its hash is chained to */
  byte unit;
  byte be, bn;   /* the base: revision be.bn */
  byte own;      /* or this group of its own, pending when it was typed */
  byte seen;     /* not 0: it resolves the conflict, having seen these values */
  bit bad;       /* it will be refused */
  byte knew;     /* for the proof only: all values that its author had seen, and what those had replaced knowingly */
};
Group g[EDITS + 1];
byte typed;

/* ---- The server ----------------------------------------------------------------------------------- */

#define UNKNOWN 0
#define APPLIED 1
#define CONFLICT 2
#define REFUSED 3

typedef Server {
  byte epoch;
  byte val[2], ue[2], un[2];                             /* each unit's value and the revision that last changed it */
  byte first[2];                                         /* the revision that it had in the first epoch, or NEVER */
  byte re, rn;                                           /* the record's revision */
  byte hist, conf;                                       /* values in its history, and in its open conflict */
  byte res[EDITS + 1], ge[EDITS + 1], gn[EDITS + 1];     /* outcomes, and the revisions they gave */
  byte by[EDITS + 1];                                    /* the device that sent it */
  bit known[IDS];                                        /* devices, by their ids: */
  byte last[IDS], n[IDS], nonce[IDS], ne[IDS], from[IDS]; /* where they stand, their nonces, what they forked from */
};
Server s, backup;
bit has_backup, restored;
byte next_id = DEVICES;

/* What became of a group in the first epoch, as its answer told the device's journal. */
byte first_res[EDITS + 1], first_rev[EDITS + 1];

/* ---- Replicas and the network --------------------------------------------------------------------- */

typedef Replica {
  bit here, sent, replay;      /* whether it exists, waits for an answer, must replay its journal */
  byte id, n, last;            /* its device, its counter, its last group */
  byte nonce, proposed;
  byte out, request;           /* the outbox; what of it the request on its way carries */
  byte journal, tray;
  byte epoch;                  /* of the cursor */
  byte val[2], re, rn, conf;   /* the page that was laid down last */
};
Replica r[REPLICAS];

typedef Request {
  bit there;
  byte id, nonce, proposed, groups, journal, epoch;
};
Request late;
byte losses = LOSSES, lates = LATE, refusals = REFUSALS, clones = CLONES;
byte fresh[REPLICAS]; /* how many nonces each has made up */

hidden Request q; /* the request that is being served */
hidden byte answer, u, v, w, be, bn, cur, id, is_known, i;
hidden byte forks;
#define PAGE 0
#define NEW_EPOCH 1
#define FORK 2
#define ENROL 3

/* ---- A person types ------------------------------------------------------------------------------- */

/* The base is what is shown: the page, or the last of the replica's own pending groups laid over it. */
inline type (me, unit_, bad_, seen_) {
  d_step {
    w = 0;
    for (v : 1 .. EDITS) { when (has (r[me].out, v) && g[v].unit == unit_ && !g[v].seen, w = v) }
    cur = (w -> w : r[me].val[unit_]);
    typed++;
    r[me].n++;
    g[typed].n = r[me].n; g[typed].prev = r[me].last;
    g[typed].unit = unit_; g[typed].bad = bad_; g[typed].seen = seen_;
    g[typed].be = r[me].re; g[typed].bn = r[me].rn; g[typed].own = w;
    g[typed].knew = (cur -> bit_of (cur) | g[cur].knew : 0) | seen_;
    r[me].last = typed;
    put (r[me].out, typed);
    printf ("replica %d types %d: unit %d, base %d.%d or %d, seen %x\n", me, typed, unit_, r[me].re, r[me].rn, w, seen_)
  }
}

/* ---- The server decides --------------------------------------------------------------------------- */

#define everywhere(x) (x.hist | x.conf | bit_of (x.val[0]) | bit_of (x.val[1]))
#define NEVER 255
#ifdef BUG_GAP
#define unchanged (s.ue[u] < be || (s.ue[u] == be && s.un[u] <= bn))
#else
#define unchanged (be == 0 -> s.first[u] <= bn : (s.ue[u] < be || (s.ue[u] == be && s.un[u] <= bn)))
#endif

/* Lays a value on its unit, under a new revision. What `ask` lays it on, its author must have known. */
inline apply () {
  cur = s.val[u];
  assert (u == LATEST || cur == 0 || has (g[v].knew, cur));
  s.hist = s.hist | (cur -> bit_of (cur) : 0);
  s.val[u] = v;
  s.re = s.epoch; s.rn++;
  s.ue[u] = s.re; s.un[u] = s.rn;
  s.first[u] = (s.epoch == 0 -> s.rn : NEVER);
  s.res[v] = APPLIED; s.ge[v] = s.re; s.gn[v] = s.rn
}

/* Joins the conflict. Nobody is in conflict with what they saw, unless a restored server has lost who saw what. */
inline join () {
  assert (restored || !has (g[v].knew, s.val[u]) || (w && s.res[w] == CONFLICT));
  put (s.conf, v);
  s.res[v] = CONFLICT
}

/* Only into the history: something later stands on the unit. */
inline overtake () {
  assert (u == LATEST || has (g[s.val[u]].knew, v));
  put (s.hist, v);
  s.res[v] = APPLIED
}

inline resolve () {
  assert ((s.conf & g[v].seen & ~g[v].knew) == 0);
  s.hist = s.hist | (s.conf & g[v].seen) | bit_of (v);
  s.conf = s.conf & ~g[v].seen;
  s.res[v] = APPLIED
}

/* The base of a group is a revision, or what the server made of the device's own group before. In a conflict a value
 * takes the place of the one that its author typed it over. */
inline find_base () {
  u = g[v].unit; w = g[v].own;
  be = g[v].be; bn = g[v].bn;
  when (w && s.res[w] == APPLIED, be = s.ge[w]; bn = s.gn[w]);
  when (w && has (s.conf, w), take (s.conf, w); put (s.hist, w))
}

inline decide () {
  find_base ();
  if :: g[v].bad || (w && s.res[w] == REFUSED) -> s.res[v] = REFUSED
  :: else -> if :: g[v].seen -> resolve ()
  :: else -> if :: w && s.res[w] == CONFLICT -> join ()
#ifdef BUG_COMPARE
  :: else -> if :: true -> apply ()
#else
  :: else -> if :: unchanged || u == LATEST -> apply ()
#endif
  :: else -> join ()
  fi fi fi fi;
  when (s.epoch == 0, first_res[v] = s.res[v]; first_rev[v] = s.gn[v])
}

/* After a restore: a group that the lost server had acknowledged. Its unit gets two revisions: that of the first epoch,
 * for bases of then, and a new one, for who sees the record now: nobody has seen it with what came back later. */
inline redo () {
  find_base ();
  if :: first_res[v] == REFUSED -> s.res[v] = REFUSED /* its number and hash are part of the chain */
  :: else -> if :: g[v].seen -> resolve ()
  :: else -> if :: first_res[v] == CONFLICT -> join ()
  :: else -> if :: unchanged && s.first[u] < first_rev[v] ->
     apply ();
     s.first[u] = first_rev[v];
#ifdef BUG_GAP
     s.ue[u] = 0; s.un[u] = first_rev[v]
#endif
  :: else -> if :: s.first[u] != NEVER && s.first[u] > first_rev[v] -> overtake ()
  :: else -> if :: u == LATEST -> overtake ()
  :: else -> join () /* two truths */
  fi fi fi fi fi fi
}

/* Whether a group is known: of this device, or of one that has the same first ancestor: each copy may be the one that
 * forks. A restored server knows it by its hash, whoever brought it: devices from after the backup are others now, and
 * say no more what they were forked from. */
#ifdef BUG_LINEAGE
#define anybody 0
#else
#define anybody (s.epoch != 0)
#endif

inline find_ancestor (device, enough) {
  id = device;
  do
  :: s.from[id] != id && id != enough -> id = s.from[id]
  :: else -> break
  od
}

inline find_known () {
#ifdef BUG_SIBLINGS /* its own ancestors only */
  find_ancestor (q.id, s.by[v]);
  is_known = s.res[v] && (id == s.by[v] || anybody)
#else
  find_ancestor (q.id, IDS);
  i = id;
  find_ancestor (s.by[v], IDS);
  is_known = s.res[v] && (id == i || anybody)
#endif
}

#ifdef BUG_HASH
#define seems_known (is_known || g[v].n <= bn)
#else
#define seems_known is_known
#endif

/* Known, next, or a fork: before anything is changed. */
inline check_chain () {
  forks = 0;
  bn = s.n[q.id]; cur = s.last[q.id];
  for (v : 1 .. EDITS) {
    if
    :: has (q.groups | q.journal, v) ->
       find_known ();
       if
       :: seems_known || has (q.journal, v) || (g[v].n == bn + 1 && g[v].prev == cur) || (cur == 0 && q.id >= DEVICES)
       :: else -> forks = 1
       fi;
       when (g[v].n > bn, bn = g[v].n; cur = v)
    :: else
    fi
  }
}

inline take_group () {
  assert (!has (everywhere (s), v)); /* nothing is applied twice */
  if
  :: has (q.journal, v) && first_res[v] -> redo ()
  :: else -> decide ()
  fi;
  s.by[v] = q.id;
  printf ("  the server decides %d: %d, record %d.%d, conflict %x\n", v, s.res[v], s.re, s.rn, s.conf)
}

inline take_groups () {
  for (v : 1 .. EDITS) {
    if
    :: has (q.groups | q.journal, v) ->
       find_known ();
       bn = s.n[q.id];
       when (!seems_known, take_group ());
       when (g[v].n > s.n[q.id], s.n[q.id] = g[v].n; s.last[q.id] = v)
    :: else
    fi
  }
}

#define writes (q.groups || q.journal)
#define last_nonce s.nonce[q.id]
#define right_nonce (last_nonce == 0 || s.ne[q.id] != s.epoch || q.nonce == last_nonce || q.proposed == last_nonce)

/* The epoch comes before nonce and counter: a restored server has forgotten newer ones. */
inline serve () {
  if :: !s.known[q.id] -> answer = ENROL
#ifdef BUG_EPOCH
  :: else -> if :: false
#else
  :: else -> if :: q.epoch != s.epoch -> answer = NEW_EPOCH
#endif
  :: else ->
     check_chain ();
     if :: !right_nonce || forks -> answer = FORK
     :: else ->
        answer = PAGE;
        take_groups ();
        when (writes, s.nonce[q.id] = q.proposed; s.ne[q.id] = s.epoch)
     fi
  fi fi
}

/* ---- A device reads the answer -------------------------------------------------------------------- */

#ifdef BUG_RETIRE /* what was typed while the request was on its way, too */
#define settled r[me].out
#else
#define settled q.groups
#endif
#ifdef BUG_JOURNAL
#define JOURNALED (s.res[v] != REFUSED)
#else
#define JOURNALED 1
#endif

inline settle (me) {
  for (v : 1 .. EDITS) {
    if
    :: has (settled, v) ->
       take (r[me].out, v);
       when (s.res[v] == REFUSED, put (r[me].tray, v));
       when (RESTORES && JOURNALED, put (r[me].journal, v))
    :: else
    fi
  }
}

inline lay_down (me) {
  r[me].epoch = s.epoch;
  r[me].re = s.re; r[me].rn = s.rn;
  r[me].val[0] = s.val[0]; r[me].val[1] = s.val[1];
  r[me].conf = s.conf;
  r[me].replay = 0;
  when (writes, r[me].nonce = q.proposed; r[me].proposed = 0)
}

/* Another device from now on, with the same outbox, counter and bases. */
inline become_another (me, parent) {
  assert (next_id < IDS);
  r[me].id = next_id; r[me].nonce = 0; r[me].proposed = 0;
  s.known[next_id] = 1;
  s.from[next_id] = parent;
  s.n[next_id] = 0; s.last[next_id] = 0; s.nonce[next_id] = 0;
  next_id++
}

inline receive (me) {
  if
  :: answer == PAGE -> settle (me); lay_down (me)
  :: answer == NEW_EPOCH -> r[me].epoch = s.epoch; r[me].replay = 1
  :: answer == FORK -> become_another (me, q.id)
  :: answer == ENROL -> become_another (me, next_id); r[me].epoch = s.epoch; r[me].replay = 1
  fi
}

/* ---- What happens --------------------------------------------------------------------------------- */

#define is_behind(x) (x.epoch != s.epoch || x.re != s.re || x.rn != s.rn || x.conf != s.conf || \
                      x.val[0] != s.val[0] || x.val[1] != s.val[1])
#define may_type(x) (x.here && typed < EDITS)

inline put_down_request (me) {
  q.there = 1;
  q.id = r[me].id; q.nonce = r[me].nonce; q.proposed = r[me].proposed;
  q.groups = r[me].request; q.epoch = r[me].epoch;
  q.journal = (r[me].replay -> r[me].journal : 0)
}

inline send (me) {
  d_step {
    r[me].sent = 1;
    r[me].request = r[me].out;
    when ((r[me].out || r[me].replay) && !r[me].proposed, fresh[me]++; r[me].proposed = 16 * me + fresh[me])
  }
}

/* An answer that is on its way need not be a state: what the device types meanwhile it could as well have typed before
 * the server answered, and nothing else of it changes. */
inline exchange (me, arrives) {
  d_step {
    put_down_request (me);
    printf ("replica %d as device %d: groups %x, journal %x\n", me, q.id, q.groups, q.journal);
    serve ();
    printf ("  answer %d, arrives %d\n", answer, arrives);
    r[me].sent = 0;
    r[me].request = 0;
    if :: arrives -> receive (me) :: else -> losses-- fi
  }
}

inline copy_request (a, b) {
  b.there = a.there; b.id = a.id; b.nonce = a.nonce; b.proposed = a.proposed;
  b.groups = a.groups; b.journal = a.journal; b.epoch = a.epoch;
  a.there = 0; a.id = 0; a.nonce = 0; a.proposed = 0; a.groups = 0; a.journal = 0; a.epoch = 0
}

inline delay (me) {
  d_step { put_down_request (me); copy_request (q, late); r[me].sent = 0; r[me].request = 0; lates-- }
}

inline arrive_late () {
  d_step {
    copy_request (late, q);
    printf ("a late request of device %d: groups %x\n", q.id, q.groups);
    serve ()
  }
}

inline copy_replica (me, to) {
  d_step {
    r[to].here = 1; r[to].replay = r[me].replay; r[to].id = r[me].id; r[to].n = r[me].n; r[to].last = r[me].last;
    r[to].nonce = r[me].nonce; r[to].proposed = r[me].proposed; r[to].out = r[me].out; r[to].journal = r[me].journal;
    r[to].epoch = r[me].epoch; r[to].val[0] = r[me].val[0]; r[to].val[1] = r[me].val[1]; r[to].re = r[me].re;
    r[to].rn = r[me].rn; r[to].conf = r[me].conf;
    clones--;
    printf ("replica %d is copied from %d\n", to, me)
  }
}

inline copy_server (a, b) {
  b.epoch = a.epoch; b.re = a.re; b.rn = a.rn; b.hist = a.hist; b.conf = a.conf;
  for (i : 0 .. 1) { b.val[i] = a.val[i]; b.first[i] = a.first[i]; b.ue[i] = a.ue[i]; b.un[i] = a.un[i] }
  for (i : 1 .. EDITS) { b.res[i] = a.res[i]; b.ge[i] = a.ge[i]; b.gn[i] = a.gn[i]; b.by[i] = a.by[i] }
  for (i : 0 .. IDS - 1) {
    b.known[i] = a.known[i]; b.last[i] = a.last[i]; b.n[i] = a.n[i]; b.nonce[i] = a.nonce[i]; b.ne[i] = a.ne[i];
    b.from[i] = a.from[i]
  }
}

proctype replica (byte me) {
end:
  do
  :: atomic { may_type (r[me]) -> type (me, ASK, 0, 0) }
  :: atomic { may_type (r[me]) -> type (me, LATEST, 0, 0) }
  :: atomic { may_type (r[me]) && refusals -> refusals--; type (me, ASK, 1, 0) }
  :: atomic { may_type (r[me]) && r[me].conf -> type (me, ASK, 0, r[me].conf) }
  :: atomic { r[me].here && !r[me].sent && (r[me].out || r[me].replay || is_behind (r[me])) -> send (me) }
  :: atomic { r[me].sent -> exchange (me, 1) }
  :: atomic { r[me].sent && losses -> exchange (me, 0) }
  :: atomic { r[me].sent && losses -> d_step { losses--; r[me].sent = 0; r[me].request = 0 } }
  :: atomic { r[me].sent && lates && !late.there -> delay (me) }
  :: atomic { r[me].here && clones -> copy_replica (me, REPLICAS - clones) }
  od
}

proctype world () {
end:
  do
  :: atomic { late.there -> arrive_late () }
  :: atomic { RESTORES && !has_backup -> d_step { copy_server (s, backup); has_backup = 1 } }
  :: atomic { has_backup && !restored -> d_step { copy_server (backup, s); restored = 1; s.epoch = 1 } }
  od
}

/* When nothing can happen any more: the queues are empty, the replicas agree, and every value is somewhere. */
proctype rest () {
  byte found;
  timeout;
  d_step {
    found = everywhere (s);
    for (i : 0 .. REPLICAS - 1) {
      if :: r[i].here -> assert (!r[i].out && !is_behind (r[i])); found = found | r[i].tray :: else fi
    }
    for (v : 1 .. typed) { assert (has (found, v)) };
    found = 0
  }
}

init {
  atomic {
    for (i : 0 .. DEVICES - 1) { r[i].here = 1; r[i].id = i; s.known[i] = 1 }
    for (i : 0 .. IDS - 1) { s.from[i] = i }
    run world ();
    run rest ();
    for (i : 0 .. REPLICAS - 1) { run replica (i) }
  }
}
