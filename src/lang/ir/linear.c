/* lang/ir/linear.c -- see linear.h. */
#include "lang/ir/linear.h"

lang_linear mst_linear_int(int64_t value) { return (lang_linear){.constant = value}; }

lang_linear mst_linear_atom(ir_var *v) {
  lang_linear a = {.n = 1};
  a.atom[0] = v;
  a.factor[0] = 1;
  return a;
}

static bool add_term(lang_linear *a, ir_var *v, int64_t factor) {
  int i = 0;
  while (i < a->n && a->atom[i] != v) i++;
  if (i == LANG_LINEAR_TERMS) return factor == 0;
  if (i == a->n) {
    a->atom[a->n] = v;
    a->factor[a->n++] = 0;
  }
  a->factor[i] += factor;
  if (a->factor[i] != 0) return true;
  a->n--;
  a->atom[i] = a->atom[a->n];
  a->factor[i] = a->factor[a->n];
  return true;
}

bool mst_linear_add(lang_linear *a, const lang_linear *b, int64_t times) {
  const lang_linear added = *b; /* they may be one */
  a->constant += times * added.constant;
  for (int i = 0; i < added.n; i++)
    if (!add_term(a, added.atom[i], times * added.factor[i])) return false;
  return true;
}

int64_t mst_linear_factor(const lang_linear *a, const ir_var *v) {
  for (int i = 0; i < a->n; i++)
    if (a->atom[i] == v) return a->factor[i];
  return 0;
}

bool mst_linear_same(const lang_linear *a, const lang_linear *b) {
  lang_linear d = *a;
  return mst_linear_add(&d, b, -1) && d.n == 0 && d.constant == 0;
}

/* What is added comes first, then what is taken off, then the number. */
ir_expr *mst_linear_expr(lang_context *c, const lang_linear *a) {
  ir_expr *e = NULL;
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < a->n; i++) {
      if ((a->factor[i] > 0) != (pass == 0)) continue;
      int64_t factor = pass && e ? -a->factor[i] : a->factor[i];
      ir_expr *term = mst_ir_scalar(c, a->atom[i]);
      if (factor != 1) term = mst_ir_call2(c, IR_MUL, mst_ir_int(c, factor), term);
      e = e ? mst_ir_call2(c, pass ? IR_SUB : IR_ADD, e, term) : term;
    }
  if (!e) return mst_ir_int(c, a->constant);
  return a->constant ? mst_ir_call2(c, IR_ADD, e, mst_ir_int(c, a->constant)) : e;
}

static bool is_positive(const lang_linear *a) { return a->n == 0 && a->constant >= 0; }

bool mst_linear_holds(const lang_linear *a, const lang_linear *given, int ngiven) {
  if (is_positive(a)) return true;
  for (int i = 0; i < ngiven; i++) {
    lang_linear one = *a;
    if (!mst_linear_add(&one, &given[i], -1)) continue;
    if (is_positive(&one)) return true;
    for (int k = i; k < ngiven; k++) {
      lang_linear two = one;
      if (mst_linear_add(&two, &given[k], -1) && is_positive(&two)) return true;
    }
  }
  return false;
}

bool mst_linear_fails(const lang_linear *a, const lang_linear *given, int ngiven) {
  lang_linear below = mst_linear_int(-1);
  return mst_linear_add(&below, a, -1) && mst_linear_holds(&below, given, ngiven);
}
