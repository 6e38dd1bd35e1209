/* lang/spread_turn.h -- the assignments to a matrix in a statement of the density block, and
 * which turn of the loops around one of them writes a given element. For spread_element.c.
 */
#ifndef MST_LANG_SPREAD_TURN_H
#define MST_LANG_SPREAD_TURN_H

#include "lang/spread_map.h"

enum { MST_SPREAD_PATH = 16, MST_SPREAD_SITES = 32 };

/* An assignment, and the loops and conditions that it is in, outermost first. */
typedef struct spread_site {
  const ir_stmt *path[MST_SPREAD_PATH];
  bool otherwise[MST_SPREAD_PATH];   /* the branch of a condition */
  bool stays[MST_SPREAD_PATH];       /* a loop that stays one, or a condition that is not decided */
  lang_linear turn[MST_SPREAD_PATH]; /* of a loop that does not: the turn that writes the element */
  int n;
  const ir_stmt *assign;
} spread_site;

typedef struct spread_sites {
  const ir_var *matrix;
  spread_site site[MST_SPREAD_SITES];
  int count;
  spread_site at; /* while they are looked for */
} spread_sites;

/* Conditions, each >= 0. */
typedef struct spread_place {
  lang_linear cond[2 * MST_SPREAD_PATH + 4];
  int n;
} spread_place;

typedef enum spread_fate {
  MST_SPREAD_NEVER,
  MST_SPREAD_ALWAYS,
  MST_SPREAD_MAYBE,
  MST_SPREAD_REFUSED
} spread_fate;

/* All assignments to sites->matrix in s, in their order. False: it is written in another way, or
 * too often. */
bool mst_spread_find_sites(spread *k, const ir_stmt *s, spread_sites *sites);

/* Whether the assignment writes the element in row and column wanted[0] and [1]: MAYBE under the
 * conditions in *rest. If so, the counters are set to the turn that does. */
spread_fate mst_spread_find_turn(spread *k, spread_site *s, const lang_linear wanted[2],
                                 spread_place *rest);

/* Both in the same turn of the loops that they share: then that which stands first runs first. */
bool mst_spread_same_turns(const spread_site *a, const spread_site *b);

#endif
