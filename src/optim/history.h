/* optim/history.h -- L-BFGS's pairs as scalar products only, and the search directions computed
 * from them.
 *
 * The pairs s = x' - x and y = g' - g (g: gradient of f, which is minimised) and the gradient
 * span all that L-BFGS computes. A direction is a combination of these vectors, and the two-loop
 * recursion (Nocedal 1980) needs their scalar products only: Chen, Wang and Zhou 2014,
 * "Large-scale L-BFGS using MapReduce", NIPS 27. So vectors may lie on many ranks; this room's
 * scalars are the same on all. Pairs lie in slots; which is the oldest is known here alone.
 * Pure.
 */
#ifndef MST_OPTIM_HISTORY_H
#define MST_OPTIM_HISTORY_H

#include <stdbool.h>

#define MST_MAX_HISTORY 12

/* Scalar products of one evaluation, at the trial point x + a p with gradient g' (y = g' - g).
 * Those with a slot's vectors follow, six a slot. Sums over all elements, globals and row-local. */
enum mst_product {
  MST_DOT_GG, /* g'.g' */
  MST_DOT_GP, /* g'.p */
  MST_DOT_GY, /* g'.y */
  MST_DOT_YY,
  MST_DOT_YP,
  MST_DOT_PP,
  MST_DOT_PG,  /* p.g, at the point where the search began */
  MST_DOT_XX,  /* x'.x' of the trial point */
  MST_DOT_YAY, /* y.diag(alpha) y: see pathfinder.h */
  MST_DOT_PAP, /* p.diag(1/alpha) p */
  MST_DOTS
};
enum mst_slot_product {
  MST_SLOT_SG, /* s.g' */
  MST_SLOT_YG,
  MST_SLOT_SY, /* s.y */
  MST_SLOT_YY,
  MST_SLOT_SP,
  MST_SLOT_YP,
  MST_SLOT_DOTS
};
#define MST_MAX_DOTS (MST_DOTS + MST_SLOT_DOTS * MST_MAX_HISTORY)

static inline int mst_dots(int history) { return MST_DOTS + MST_SLOT_DOTS * history; }
static inline int mst_slot_dot(int slot, enum mst_slot_product which) {
  return MST_DOTS + MST_SLOT_DOTS * slot + (int)which;
}

typedef struct mst_history {
  int size;                   /* slots */
  int count;                  /* pairs in use */
  int order[MST_MAX_HISTORY]; /* slots, oldest pair first */
  /* [slot of s][of y] */
  double ss[MST_MAX_HISTORY][MST_MAX_HISTORY], sy[MST_MAX_HISTORY][MST_MAX_HISTORY];
  double yy[MST_MAX_HISTORY][MST_MAX_HISTORY];
  double sg[MST_MAX_HISTORY], yg[MST_MAX_HISTORY], gg; /* with the gradient at the present point */
} mst_history;

/* p = g_part g + sum of s_part[slot] s + y_part[slot] y. */
typedef struct mst_direction {
  double g_part, s_part[MST_MAX_HISTORY], y_part[MST_MAX_HISTORY];
} mst_direction;

void mst_history_clear(mst_history *h, int size);

/* Slot that the next pair goes to. */
int mst_history_next(const mst_history *h);

/* The trial point of step a becomes the present one: products of the old pairs with the new
 * gradient, and, if the curvature is safely positive, the pair itself. Returns its slot, or -1. */
int mst_history_take(mst_history *h, double a, const double *dot);

/* Forgets the pairs. */
void mst_history_forget(mst_history *h);

/* The L-BFGS direction -H g; without pairs -g / |g|. */
void mst_history_direction(const mst_history *h, mst_direction *d);

/* p.g of a direction. */
double mst_history_slope(const mst_history *h, const mst_direction *d);

/* |p| of a direction. */
double mst_history_length(const mst_history *h, const mst_direction *d);

#endif
