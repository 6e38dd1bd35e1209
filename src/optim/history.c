/* optim/history.c -- see history.h. */
#include "optim/history.h"

#include <math.h>
#include <string.h>

#define LEAST_CURVATURE 1e-12 /* of s.y against y.y, or the pair is passed over */

void mst_history_clear(mst_history *h, int size) {
  memset(h, 0, sizeof *h);
  h->size = size;
}

void mst_history_forget(mst_history *h) { h->count = 0; }

int mst_history_next(const mst_history *h) {
  bool used[MST_MAX_HISTORY] = {false};
  if (h->count == h->size) return h->order[0];
  for (int k = 0; k < h->count; k++) used[h->order[k]] = true;
  int slot = 0;
  while (used[slot]) slot++;
  return slot;
}

static void add_pair(mst_history *h, int slot, double a, const double *dot) {
  if (h->count == h->size) memmove(h->order, h->order + 1, (size_t)--h->count * sizeof *h->order);
  for (int k = 0; k < h->count; k++) {
    const int other = h->order[k];
    h->ss[slot][other] = h->ss[other][slot] = a * dot[mst_slot_dot(other, MST_SLOT_SP)];
    h->sy[slot][other] = a * dot[mst_slot_dot(other, MST_SLOT_YP)];
    h->sy[other][slot] = dot[mst_slot_dot(other, MST_SLOT_SY)];
    h->yy[slot][other] = h->yy[other][slot] = dot[mst_slot_dot(other, MST_SLOT_YY)];
  }
  h->ss[slot][slot] = a * a * dot[MST_DOT_PP];
  h->sy[slot][slot] = a * dot[MST_DOT_YP];
  h->yy[slot][slot] = dot[MST_DOT_YY];
  h->sg[slot] = a * dot[MST_DOT_GP];
  h->yg[slot] = dot[MST_DOT_GY];
  h->order[h->count++] = slot;
}

int mst_history_take(mst_history *h, double a, const double *dot) {
  h->gg = dot[MST_DOT_GG];
  for (int k = 0; k < h->count; k++) {
    const int slot = h->order[k];
    h->sg[slot] = dot[mst_slot_dot(slot, MST_SLOT_SG)];
    h->yg[slot] = dot[mst_slot_dot(slot, MST_SLOT_YG)];
  }
  if (!(a * dot[MST_DOT_YP] > LEAST_CURVATURE * dot[MST_DOT_YY])) return -1;
  const int slot = mst_history_next(h);
  add_pair(h, slot, a, dot);
  return slot;
}

/* Scalar products of the combination q with a slot's s and y. */
static double with_s(const mst_history *h, const mst_direction *q, int slot) {
  double sum = q->g_part * h->sg[slot];
  for (int k = 0; k < h->count; k++) {
    const int other = h->order[k];
    sum += q->s_part[other] * h->ss[slot][other] + q->y_part[other] * h->sy[slot][other];
  }
  return sum;
}

static double with_y(const mst_history *h, const mst_direction *q, int slot) {
  double sum = q->g_part * h->yg[slot];
  for (int k = 0; k < h->count; k++) {
    const int other = h->order[k];
    sum += q->s_part[other] * h->sy[other][slot] + q->y_part[other] * h->yy[slot][other];
  }
  return sum;
}

static void scale(const mst_history *h, mst_direction *q, double by) {
  q->g_part *= by;
  for (int k = 0; k < h->count; k++) {
    q->s_part[h->order[k]] *= by;
    q->y_part[h->order[k]] *= by;
  }
}

void mst_history_direction(const mst_history *h, mst_direction *d) {
  double part[MST_MAX_HISTORY];
  memset(d, 0, sizeof *d);
  if (h->count == 0) {
    d->g_part = -1 / sqrt(h->gg);
    return;
  }
  d->g_part = 1;
  for (int k = h->count - 1; k >= 0; k--) {
    const int slot = h->order[k];
    part[k] = with_s(h, d, slot) / h->sy[slot][slot];
    d->y_part[slot] -= part[k];
  }
  const int newest = h->order[h->count - 1];
  scale(h, d, h->sy[newest][newest] / h->yy[newest][newest]);
  for (int k = 0; k < h->count; k++) {
    const int slot = h->order[k];
    d->s_part[slot] += part[k] - with_y(h, d, slot) / h->sy[slot][slot];
  }
  scale(h, d, -1);
}

double mst_history_slope(const mst_history *h, const mst_direction *d) {
  double sum = d->g_part * h->gg;
  for (int k = 0; k < h->count; k++) {
    const int slot = h->order[k];
    sum += d->s_part[slot] * h->sg[slot] + d->y_part[slot] * h->yg[slot];
  }
  return sum;
}

double mst_history_length(const mst_history *h, const mst_direction *d) {
  double sum = d->g_part * mst_history_slope(h, d);
  for (int k = 0; k < h->count; k++) {
    const int slot = h->order[k];
    sum += d->s_part[slot] * with_s(h, d, slot) + d->y_part[slot] * with_y(h, d, slot);
  }
  return sum > 0 ? sqrt(sum) : 0;
}
