/* tests/unit/tree_reference.c -- see tree_reference.h. */
#include "tree_reference.h"

#include <math.h>

typedef struct builder {
  const tree_world *world;
  tree_outcome *out;
  int direction, uniforms, next, nchecks;
  long double weight, subtree, accept;
  int candidate;
} builder;

static double uniform(builder *b) { return b->world->uniform(b->world->context, b->uniforms++); }

/* True when the trajectory turns between points p and q, p built earlier. */
static bool check(builder *b, int p, int q) {
  b->out->check[b->nchecks++] = (tree_pair){p, q};
  return b->world->turns(b->world->context, p < q ? p : q, p < q ? q : p);
}

/* The whole, and either half with the point next to it of the other; all are looked at. */
static bool turned(builder *b, int a_first, int a_last, int b_first, int b_last) {
  bool turn = check(b, a_first, b_last);
  if (a_first == a_last && b_first == b_last) return turn;
  turn |= check(b, a_first, b_first);
  turn |= check(b, a_last, b_last);
  return turn;
}

static bool leaf(builder *b) {
  tree_outcome *o = b->out;
  const double error = b->world->error(b->world->context, b->next);
  o->checks[o->leaves] = b->nchecks;
  o->point[o->leaves++] = b->next;
  b->accept += isnan(error) ? 0 : fmin(1.0, exp(-error));
  if (!(error <= 1000)) {
    o->diverging = true;
    return false;
  }
  const long double w = expl(-(long double)error);
  const bool first = b->subtree == 0;
  b->subtree += w;
  if (first || uniform(b) < (double)(w / b->subtree)) b->candidate = b->next;
  b->next += b->direction;
  return true;
}

/* A subtree of 2^depth leaves on from b->next; false when it must not be used. */
static bool build(builder *b, int depth) {
  if (depth == 0) return leaf(b);
  const int first = b->next, step = b->direction, half = 1 << (depth - 1);
  if (!build(b, depth - 1) || !build(b, depth - 1)) return false;
  return !turned(b, first, first + (half - 1) * step, first + half * step,
                 first + (2 * half - 1) * step);
}

void tree_reference(const tree_world *world, tree_outcome *out) {
  builder b = {.world = world, .out = out, .weight = 1};
  int left = 0, right = 0;
  out->leaves = out->depth = out->chosen = 0;
  out->diverging = false;
  for (bool turn = false; !turn && out->depth < world->max_depth;) {
    b.direction = uniform(&b) < 0.5 ? -1 : 1;
    b.subtree = 0;
    const int near = b.direction > 0 ? right : left, far = b.direction > 0 ? left : right;
    b.next = near + b.direction;
    const int first = b.next;
    if (!build(&b, out->depth)) break;
    const int last = b.next - b.direction;
    if (b.subtree >= b.weight || uniform(&b) < (double)(b.subtree / b.weight))
      out->chosen = b.candidate;
    b.weight += b.subtree;
    turn = turned(&b, far, near, first, last);
    if (b.direction > 0)
      right = last;
    else
      left = last;
    out->depth++;
  }
  out->checks[out->leaves] = b.nchecks;
  out->saturated = out->depth == world->max_depth;
  out->accept = (double)(b.accept / out->leaves);
}
