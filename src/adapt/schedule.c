/* adapt/schedule.c -- see schedule.h. */
#include "adapt/schedule.h"

/* A window must hold enough draws for a variance: 10 chain-draws early on, 80 later, as nutpie
 * has for one chain; with pooled chains fewer draws of each do, but not under 5 and 20. */
static double early_window(int chains) { return chains >= 2 ? 5.0 : 10.0; }
static double late_window(int chains) { return chains >= 4 ? 20.0 : chains >= 2 ? 40.0 : 80.0; }

static void begin_stan(mst_schedule *s) {
  double w = s->warmup, first = 75, last = 50, base = 25;
  if (w < 20) {
    s->final = true; /* too short to estimate a metric: step size only, as in Stan */
    return;
  }
  if (first + base + last > w) {
    first = (double)(int)(0.15 * w);
    last = (double)(int)(0.1 * w);
    base = w - first - last;
  }
  s->window = base;
  s->discard = true; /* what the first phase saw is forgotten */
  s->next = first;
  s->end = w - last;
}

void mst_schedule_begin(mst_schedule *s, mst_schedule_kind kind, int warmup, int chains) {
  *s = (mst_schedule){.kind = kind, .warmup = warmup};
  if (kind == MST_SCHEDULE_STAN) {
    begin_stan(s);
  } else if (kind == MST_SCHEDULE_FISHER) {
    s->window = early_window(chains);
    s->late = late_window(chains);
    s->next = s->window;
    s->end = 0.85 * warmup;
    s->final = warmup < 10;
    if (0.3 * warmup < s->window) s->next = s->end;
  } else {
    s->final = true;
  }
}

static void next_fisher(mst_schedule *s) {
  double now = s->next;
  if (now + s->window <= 0.3 * s->warmup) {
    s->next = now + s->window;
    return;
  }
  s->window = s->window < s->late ? s->late : 1.5 * s->window;
  s->next = now + s->window <= s->end ? now + s->window : s->end;
}

/* The last window stretches to the end when the one after it would not fit. */
static void next_stan(mst_schedule *s) {
  double now = s->next;
  s->window *= 2;
  s->next = now + s->window;
  if (s->next + 2 * s->window > s->end) s->next = s->end;
}

mst_schedule_event mst_schedule_at(mst_schedule *s, double time) {
  mst_schedule_event e = {false, false, false};
  if (s->final) return e;
  if (s->kind == MST_SCHEDULE_STAN) {
    if (time < s->next) return e;
    if (s->discard) {
      e.discarded = true;
      s->discard = false;
      s->next += s->window;
      if (s->next + 2 * s->window > s->end) s->next = s->end;
      return e;
    }
    e.switched = true;
    e.ended = s->final = s->next >= s->end;
    next_stan(s);
    return e;
  }
  if (time >= s->end) {
    e.ended = s->final = true;
    return e;
  }
  if (time >= s->next) {
    e.switched = true;
    next_fisher(s);
  }
  return e;
}
