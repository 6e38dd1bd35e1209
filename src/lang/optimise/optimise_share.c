/* lang/optimise/optimise_share.c -- equal costly expressions of a scope get one name. */
#include "lang/optimise/optimise_impl.h"

enum { COSTLY = 8, MOST_KNOWN = 64 };

typedef struct known { /* an expression that has been evaluated */
  ir_expr **where;     /* where it stands */
  ir_stmt *in;         /* in this statement of the block */
  ir_set reads;
  ir_stmt *named; /* the declaration of its name, once it has one; or NULL */
} known;

typedef struct sharer {
  optimise_state *o;
  ir_block *b;
  ir_stmt *now;
  int at; /* where `now` stands, or a little before */
  known k[MOST_KNOWN];
  int count;
} sharer;

static bool depends_on_place(const ir_expr *e, void *argument) {
  (void)argument;
  return e->op == IR_CHECK_INDEX;
}

static bool is_worthy(const ir_expr *e) {
  return (e->type == IR_LANE || e->type == IR_REAL) && e->op == IR_CALL &&
         mst_ir_cost(e) >= COSTLY && !mst_ir_is_random(e) && !mst_ir_any(e, depends_on_place, NULL);
}

/* Declarations may have come in since h->at was right; what is known stands before it. */
static int index_of(const sharer *h, const ir_stmt *s) {
  int i = h->at;
  while (i < h->b->nstmts && h->b->stmt[i] != h->now) i++;
  while (h->b->stmt[i] != s) i--;
  return i;
}

static bool holds(ir_expr *const *place, ir_expr *const *part) {
  if (place == part) return true;
  for (int i = 0; i < (*place)->nargs; i++)
    if (holds(&(*place)->arg[i], part)) return true;
  return false;
}

/* What stands within an expression that got a name is evaluated where the name is declared. */
static void move_parts(sharer *h, ir_stmt *from, ir_stmt *decl) {
  for (int i = 0; i < h->count; i++)
    if (h->k[i].in == from && holds(&decl->rhs, h->k[i].where)) h->k[i].in = decl;
}

static void replace(sharer *h, known *k, ir_expr **again) {
  ir_expr *first = *k->where;
  if (k->in->kind == IR_DECL && k->where == &k->in->rhs && k->in->var->constant) {
    *again = mst_ir_scalar(h->o->c, k->in->var); /* has a name already */
    return;
  }
  if (first->op != IR_LOAD) {
    const char *name = mst_ir_prim_name(first->prim);
    int at = index_of(h, k->in);
    *k->where = mst_ir_name_before(h->o->c, h->o->p, h->b, at, first, name);
    k->named = h->b->stmt[at];
    move_parts(h, k->in, k->named);
  }
  *again = mst_ir_copy(h->o->c, *k->where);
}

/* The expression that k stands for: itself, or the value of its name. */
static bool matches(const known *k, const ir_expr *e) {
  const ir_expr *first = *k->where;
  if (first->op != IR_LOAD || first->nargs > 0) return mst_ir_same(first, e);
  return k->named && k->named->var == first->var && mst_ir_same(k->named->rhs, e);
}

static bool share_known(sharer *h, ir_expr **place) {
  if (!is_worthy(*place)) return false;
  for (int i = 0; i < h->count; i++)
    if (matches(&h->k[i], *place)) {
      replace(h, &h->k[i], place);
      return true;
    }
  return false;
}

static void share_expr(sharer *h, ir_expr **place) {
  ir_expr *e = *place;
  if (share_known(h, place)) return;
  int last = e->op == IR_SELECT ? 1 : e->nargs;
  if (e->op == IR_CALL && (e->prim == IR_AND || e->prim == IR_OR)) last = 1;
  for (int i = 0; i < last; i++) share_expr(h, &e->arg[i]);
  if (share_known(h, place)) return; /* now that its parts have names */
  if (is_worthy(e) && h->count < MOST_KNOWN) {
    known *k = &h->k[h->count++];
    *k = (known){.where = place, .in = h->now};
    mst_ir_reads(h->o->c, e, &k->reads);
  }
}

static void forget(sharer *h, const ir_stmt *s) {
  ir_set writes = {0};
  int kept = 0;
  mst_ir_stmt_writes(h->o->c, s, &writes);
  for (int i = 0; i < h->count; i++)
    if (!mst_set_meets(&h->k[i].reads, &writes)) h->k[kept++] = h->k[i];
  h->count = kept;
}

void mst_optimise_share(optimise_state *o, ir_block *b) {
  sharer h = {.o = o, .b = b};
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    h.now = s;
    h.at = i;
    if (s->kind != IR_WHILE) {
      for (int k = 0; k < s->nindices; k++) share_expr(&h, &s->index[k]);
      if (s->rhs) share_expr(&h, &s->rhs);
      if (s->cond) share_expr(&h, &s->cond);
      if (s->count) share_expr(&h, &s->count);
    }
    forget(&h, s);
    mst_optimise_share(o, &s->body);
    mst_optimise_share(o, &s->other);
    i = index_of(&h, s);
  }
}
