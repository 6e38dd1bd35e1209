/* lang/covariance/covariance_iteration.h -- the assignments to a matrix in a statement of the
 * density block, and which iteration of the loops around one of them writes a given element. For
 * covariance_element.c.
 */
#ifndef MST_LANG_COVARIANCE_ITERATION_H
#define MST_LANG_COVARIANCE_ITERATION_H

#include "lang/covariance/covariance_rewrite.h"

enum { MST_COVARIANCE_PATH = 16, MST_COVARIANCE_SITES = 32 };

/* An assignment, and the loops and conditions that it is in, outermost first. */
typedef struct covariance_site {
  const ir_stmt *path[MST_COVARIANCE_PATH];
  bool otherwise[MST_COVARIANCE_PATH]; /* the branch of a condition */
  bool stays[MST_COVARIANCE_PATH]; /* a loop that stays one, or a condition that is not decided */
  lang_linear iteration
      [MST_COVARIANCE_PATH]; /* of a loop that does not: the iteration that writes the element */
  int n;
  const ir_stmt *assign;
} covariance_site;

typedef struct covariance_sites {
  const ir_var *matrix;
  covariance_site site[MST_COVARIANCE_SITES];
  int count;
  covariance_site at; /* while they are looked for */
} covariance_sites;

/* Conditions, each >= 0. */
typedef struct covariance_place {
  lang_linear cond[2 * MST_COVARIANCE_PATH + 4];
  int n;
} covariance_place;

typedef enum covariance_outcome {
  MST_COVARIANCE_NEVER,
  MST_COVARIANCE_ALWAYS,
  MST_COVARIANCE_MAYBE,
  MST_COVARIANCE_REFUSED
} covariance_outcome;

/* All assignments to sites->matrix in s, in their order. False: it is written in another way, or
 * too often. */
bool mst_covariance_find_sites(covariance_state *k, const ir_stmt *s, covariance_sites *sites);

/* Whether the assignment writes the element in row and column wanted[0] and [1]: MAYBE under the
 * conditions in *rest. If so, the counters are set to the iteration that does. */
covariance_outcome mst_covariance_find_iteration(covariance_state *k, covariance_site *s,
                                                 const lang_linear wanted[2],
                                                 covariance_place *rest);

/* Both in the same iteration of the loops that they share: then that which stands first runs
 * first. */
bool mst_covariance_same_iterations(const covariance_site *a, const covariance_site *b);

#endif
