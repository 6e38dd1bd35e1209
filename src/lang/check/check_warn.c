/* lang/check/check_warn.c -- warnings: what Stan accepts and few mean. See check_impl.h.
 *
 * They are few and meant to be true: a division of ints whose value is used as a real, a scale
 * without lower bound, a uniform prior that its parameter's bounds do not match, a parameter with
 * two priors, and what is declared and never used.
 */
#include <string.h>

#include "lang/check/check_impl.h"

void mst_warn_int_division(check_state *k, const ast_expr *e) {
  if (e->kind != AST_BINARY || e->op != AST_DIV || !mst_type_is(e->type, LANG_INT) || k->prelude)
    return;
  const ast_expr *a = e->arg[0], *b = e->arg[1];
  const ast_expr *literal = b->kind == AST_INT ? b : a->kind == AST_INT ? a : NULL;
  const char *instead = literal != NULL
                            ? mst_lang_format(k->c, "%lld.0", (long long)literal->integer)
                            : "1.0 * a / b";
  mst_lang_warn(k->c, e->loc, mst_check_width(e),
                "a division of ints drops the remainder; write %s for a real quotient, %%/%% if "
                "that is meant",
                instead);
}

/* Arguments that must be positive: bit i for argument i after the outcome. */
static unsigned positive_arguments(const char *distribution) {
  static const struct {
    const char *name;
    unsigned bits;
  } known[] = {{"normal", 2},
               {"student_t", 5},
               {"cauchy", 2},
               {"double_exponential", 2},
               {"logistic", 2},
               {"lognormal", 2},
               {"gumbel", 2},
               {"gamma", 3},
               {"beta", 3},
               {"inv_gamma", 3},
               {"weibull", 3},
               {"exponential", 1},
               {"chi_square", 1},
               {"poisson", 1},
               {"neg_binomial_2", 3},
               {"neg_binomial", 3},
               {"skew_normal", 2},
               {"frechet", 3},
               {"pareto", 3},
               {"exp_mod_normal", 6},
               {"rayleigh", 1},
               {"von_mises", 2},
               {"inv_chi_square", 1},
               {"neg_binomial_2_log", 2},
               {"scaled_inv_chi_square", 3},
               {"beta_binomial", 6}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i].name, distribution) == 0) return known[i].bits;
  return 0;
}

/* The parameter that an expression names, or elements of one; NULL otherwise. */
static const ast_decl *parameter_of(const ast_expr *e) {
  while (e->kind == AST_INDEX) e = e->arg[0];
  return e->kind == AST_VAR && e->decl != NULL && e->decl->block == AST_IN_PARAMETERS ? e->decl
                                                                                      : NULL;
}

static bool number(const ast_expr *e, double *value) {
  double sign = 1;
  if (e != NULL && e->kind == AST_UNARY && e->op == AST_NEG) {
    sign = -1;
    e = e->arg[0];
  }
  if (e == NULL || (e->kind != AST_INT && e->kind != AST_REAL)) return false;
  *value = sign * (e->kind == AST_INT ? (double)e->integer : e->real);
  return true;
}

static bool noted(const ast_decl *const *list, int count, const ast_decl *d) {
  for (int i = 0; i < count; i++)
    if (list[i] == d) return true;
  return false;
}

static void warn_scales(check_state *k, const ast_stmt *s) {
  unsigned bits = positive_arguments(s->name);
  for (int i = 0; i < s->nargs; i++) {
    const ast_decl *d = (bits >> i) & 1 ? parameter_of(s->arg[i]) : NULL;
    double low;
    if (d == NULL || noted(k->scale, k->nscales, d)) continue;
    bool unbounded = d->lower == NULL || (number(d->lower, &low) && low < 0);
    bool positive = d->constraint == AST_BOUNDS
                        ? !unbounded
                        : d->constraint != AST_UNCONSTRAINED && d->constraint != AST_ORDERED &&
                              d->constraint != AST_OFFSET_MULTIPLIER;
    if (positive) continue;
    mst_lang_warn(k->c, s->arg[i]->loc, mst_check_width(s->arg[i]),
                  "argument %d of %s must be positive, and '%s' may be negative; declare it with "
                  "<lower=0>",
                  i + 1, s->name, d->name);
    MST_LANG_PUSH(k->c, k->scale, k->nscales, d);
  }
}

static void warn_uniform(check_state *k, const ast_stmt *s) {
  const ast_decl *d = s->lhs->kind == AST_VAR ? parameter_of(s->lhs) : NULL;
  double low, high, declared;
  if (d == NULL || strcmp(s->name, "uniform") != 0 || s->nargs != 2 || s->truncated ||
      !number(s->arg[0], &low) || !number(s->arg[1], &high))
    return;
  bool bounds = d->constraint == AST_BOUNDS;
  bool below = !bounds || d->lower == NULL || (number(d->lower, &declared) && declared < low);
  bool above = !bounds || d->upper == NULL || (number(d->upper, &declared) && declared > high);
  if (below || above)
    mst_lang_warn(k->c, s->lhs->loc, mst_check_width(s->lhs),
                  "'%s' can leave the support of uniform(%g, %g), where its density is 0; declare "
                  "it with <lower=%g, upper=%g>",
                  d->name, low, high, low, high);
}

/* Two distributions for a whole parameter; elements may have one each. */
static void warn_twice(check_state *k, const ast_stmt *s) {
  const ast_decl *d = s->lhs->kind == AST_VAR ? parameter_of(s->lhs) : NULL;
  if (d == NULL) return;
  if (noted(k->tilded, k->ntilded, d))
    mst_lang_warn(k->c, s->lhs->loc, mst_check_width(s->lhs),
                  "'%s' is on the left of ~ twice: both densities count", d->name);
  MST_LANG_PUSH(k->c, k->tilded, k->ntilded, d);
}

void mst_warn_tilde(check_state *k, const ast_stmt *s) {
  if (k->prelude) return;
  warn_scales(k, s);
  warn_uniform(k, s);
  warn_twice(k, s);
}

/* Whether a size is 0 as written: such a variable needs no value. */
static bool empty(const ast_decl *d) {
  for (int i = 0; i < d->ndims; i++)
    if (d->dims[i]->kind == AST_INT && d->dims[i]->integer == 0) return true;
  return false;
}

void mst_warn_name(check_state *k, const ast_decl *d) {
  int width = (int)strlen(d->name);
  bool given = d->block == AST_IN_DATA || (d->block == AST_IN_PARAMETERS && d->top);
  if (d->top && d->block == AST_IN_PARAMETERS && !d->read)
    mst_lang_warn(k->c, d->loc, width,
                  "parameter '%s' is never used: its posterior is flat within its constraints",
                  d->name);
  if (!d->top && !d->read) mst_lang_warn(k->c, d->loc, width, "'%s' is never used", d->name);
  if (!given && !d->written && d->init == NULL && !empty(d) && (d->read || d->top))
    mst_lang_warn(k->c, d->loc, width, "'%s' is never given a value", d->name);
}
