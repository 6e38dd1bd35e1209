/* lang/spread_map.h -- spread_map.c for spread_element.c. `site`: the outermost statement of the
 * density block that the expression or statement is in. */
#ifndef MST_LANG_SPREAD_MAP_H
#define MST_LANG_SPREAD_MAP_H

#include "lang/spread_internal.h"

enum { MST_SPREAD_DIMS = 10 };

/* An int as a linear form. raw: loops' counters that are not known yet stand for themselves,
 * checks of indices are looked through; else a check must be seen to hold. False: it is none. */
bool mst_spread_linear(spread *k, const ir_expr *e, bool raw, lang_linear *out);

/* A comparison of ints that the element's place decides: 0 or 1; else -1. */
int mst_spread_decided(spread *k, const ir_expr *e);

/* NULL: refused */
ir_expr *mst_spread_map(spread *k, const ir_expr *e, const ir_stmt *site, lang_loc loc);
bool mst_spread_clone(spread *k, const ir_stmt *s, const ir_stmt *site);
/* A loop or condition with nothing in it yet, to k->out. */
bool mst_spread_open(spread *k, const ir_stmt *s, const ir_stmt *site, ir_stmt **copy);

#endif
