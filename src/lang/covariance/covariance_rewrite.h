/* lang/covariance/covariance_rewrite.h -- covariance_rewrite.c for covariance_element.c. `site`:
 * the outermost statement of the density block that the expression or statement is in. */
#ifndef MST_LANG_COVARIANCE_REWRITE_H
#define MST_LANG_COVARIANCE_REWRITE_H

#include "lang/covariance/covariance_impl.h"

enum { MST_COVARIANCE_DIMS = 10 };

/* An int as a linear form. raw: loops' counters that are not known yet stand for themselves,
 * checks of indices are looked through; else a check must be seen to hold. False: it is none. */
bool mst_covariance_linear(covariance_state *k, const ir_expr *e, bool raw, lang_linear *out);

/* A comparison of ints that the element's place decides: 0 or 1; else -1. */
int mst_covariance_decided(covariance_state *k, const ir_expr *e);

/* NULL: refused */
ir_expr *mst_covariance_map(covariance_state *k, const ir_expr *e, const ir_stmt *site,
                            lang_loc loc);
bool mst_covariance_clone(covariance_state *k, const ir_stmt *s, const ir_stmt *site);
/* A loop or condition with nothing in it yet, to k->out. */
bool mst_covariance_open(covariance_state *k, const ir_stmt *s, const ir_stmt *site,
                         ir_stmt **copy);

#endif
