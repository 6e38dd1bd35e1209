/* lang/syntax/parse_words.c -- tokens, and the wording of what is wrong with them. */
#include <string.h>

#include "base/error.h"
#include "lang/syntax/parse_impl.h"

/* ---- tokens ---- */

const lang_token *mst_parse_peek(lang_parser *p, int ahead) {
  while (p->ntokens <= p->at + ahead) {
    lang_token t = mst_scan_next(&p->scan);
    MST_LANG_PUSH(p->c, p->token, p->ntokens, t);
  }
  return &p->token[p->at + ahead];
}

const lang_token *mst_parse_take(lang_parser *p) {
  const lang_token *t = mst_parse_peek(p, 0);
  if (t->kind != LANG_TOKEN_END) p->at++;
  return t;
}

const lang_token *mst_parse_last(lang_parser *p) {
  return p->at ? &p->token[p->at - 1] : mst_parse_peek(p, 0);
}

lang_token_kind mst_parse_kind(lang_parser *p, int ahead) { return mst_parse_peek(p, ahead)->kind; }

bool mst_parse_accept(lang_parser *p, lang_token_kind kind) {
  if (mst_parse_kind(p, 0) != kind) return false;
  mst_parse_take(p);
  return true;
}

bool mst_parse_is_word(lang_parser *p, int ahead, const char *word) {
  const lang_token *t = mst_parse_peek(p, ahead);
  return t->kind == LANG_TOKEN_NAME && t->length == (int)strlen(word) &&
         strncmp(t->text, word, (size_t)t->length) == 0;
}

bool mst_parse_touching(lang_parser *p, int ahead) {
  lang_loc end = mst_parse_peek(p, ahead)->end, next = mst_parse_peek(p, ahead + 1)->loc;
  return end.file == next.file && end.line == next.line && end.column == next.column;
}

char *mst_parse_text(lang_parser *p, const lang_token *t) {
  return mst_lang_copy(p->c, t->text, (size_t)t->length);
}

void mst_parse_deeper(lang_parser *p) {
  if (++p->depth <= AST_DEEPEST) return;
  const lang_token *t = mst_parse_peek(p, 0);
  mst_lang_fail(
      p->c, t->loc, t->length,
      "nested too deep; expected at most %d levels; try to take parts out into variables or "
      "functions",
      AST_DEEPEST);
}

/* ---- wording ---- */

#define NAMED 40 /* characters of a token shown */

const char *mst_parse_name_token(lang_parser *p, const lang_token *t) {
  int n = t->length > NAMED ? NAMED : t->length;
  const char *dots = t->length > NAMED ? "..." : "";
  switch (t->kind) {
  case LANG_TOKEN_END:
    return "the end of the program";
  case LANG_TOKEN_STRING:
    return mst_lang_format(p->c, "the string %.*s%s", n, t->text, dots);
  case LANG_TOKEN_INT:
  case LANG_TOKEN_REAL:
  case LANG_TOKEN_DOTTED:
  case LANG_TOKEN_IMAG:
    return mst_lang_format(p->c, "the number %.*s%s", n, t->text, dots);
  case LANG_TOKEN_NAME:
    return mst_lang_format(p->c, "'%.*s%s'", n, t->text, dots);
  default:
    return mst_lang_format(p->c, t->kind >= LANG_TOKEN_FUNCTIONS ? "the keyword '%.*s'" : "'%.*s'",
                           n, t->text);
  }
}

static int width_of(const lang_token *t) { return t->length ? t->length : 1; }

/* Slips that may stand anywhere: a hint for the token at hand, or NULL. */
static const char *hint(lang_parser *p) {
  static const struct {
    const char *word, *instead;
  } words[] = {{"and", "&&"}, {"or", "||"}, {"not", "!"}, {"mod", "%"}, {"then", "braces { }"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (mst_parse_is_word(p, 0, words[i].word))
      return mst_lang_format(p->c, "%s", words[i].instead);
  lang_token_kind a = mst_parse_kind(p, 0);
  if (a == LANG_TOKEN_END) return NULL;
  lang_token_kind b = mst_parse_kind(p, 1);
  if (!mst_parse_touching(p, 0)) return NULL;
  if (a == LANG_TOKEN_COLON && b == LANG_TOKEN_SET) return "= to assign";
  if (a == LANG_TOKEN_EQ && b == LANG_TOKEN_SET) return "== to compare";
  return NULL;
}

/* The same for the two tokens before: `x ** y`, `x <> y`, `i++`. */
static const char *hint_before(lang_parser *p) {
  if (p->at < 1) return NULL;
  const lang_token *a = &p->token[p->at - 1], *b = mst_parse_peek(p, 0);
  if (a->end.line != b->loc.line || a->end.column != b->loc.column || a->end.file != b->loc.file)
    return NULL;
  if (a->kind == LANG_TOKEN_MUL && b->kind == LANG_TOKEN_MUL) return "^ for powers";
  if (a->kind == LANG_TOKEN_LT && b->kind == LANG_TOKEN_GT) return "!= for different";
  if (a->kind == LANG_TOKEN_EQ && b->kind == LANG_TOKEN_SET) return "== to compare";
  if (a->kind == LANG_TOKEN_BAR && b->kind == LANG_TOKEN_GT) return "a call instead of a pipe";
  if (a->kind != LANG_TOKEN_SET) return NULL;
  lang_token_kind bound = p->at > 1 ? p->token[p->at - 2].kind : LANG_TOKEN_END;
  if (bound >= LANG_TOKEN_LOWER && bound <= LANG_TOKEN_MULTIPLIER) return NULL;
  if (b->kind == LANG_TOKEN_LT) return "<= for at most";
  if (b->kind == LANG_TOKEN_GT) return ">= for at least";
  return NULL;
}

void mst_parse_unexpected(lang_parser *p, const char *what, const char *expected,
                          const char *try_this) {
  const lang_token *t = mst_parse_peek(p, 0);
  if (!try_this) try_this = hint(p);
  if (!try_this) try_this = hint_before(p);
  mst_lang_fail(p->c, t->loc, width_of(t), "%s; expected %s, got %s%s%s", what, expected,
                mst_parse_name_token(p, t), try_this ? "; try " : "", try_this ? try_this : "");
}

static const char *place(lang_parser *p, lang_loc loc) {
  int file = mst_parse_peek(p, 0)->loc.file;
  if (loc.file == file) return mst_lang_format(p->c, "%d:%d", loc.line, loc.column);
  return mst_lang_format(p->c, "%s:%d:%d", mst_lang_source_of(p->c, loc.file)->name, loc.line,
                         loc.column);
}

void mst_parse_close(lang_parser *p, lang_token_kind kind, const lang_token *opener,
                     const char *also_expected) {
  if (mst_parse_accept(p, kind)) return;
  const char *open = mst_parse_text(p, opener), *close = mst_token_spelling(kind);
  const char *what =
      mst_lang_format(p->c, "'%s' opened at %s is not closed", open, place(p, opener->loc));
  const char *expected = mst_lang_format(p->c, "%s'%s'", also_expected ? also_expected : "", close);
  bool set = mst_parse_kind(p, 0) == LANG_TOKEN_SET;
  mst_parse_unexpected(p, what, expected, set ? "== to compare" : NULL);
}

/* Whether the next token, on the same line, still looks like the beginning of another statement. */
static bool begins_statement(lang_parser *p) {
  lang_token_kind k = mst_parse_kind(p, 0);
  return k == LANG_TOKEN_CLOSE_BRACE || k == LANG_TOKEN_END || k == LANG_TOKEN_FOR ||
         k == LANG_TOKEN_IF || k == LANG_TOKEN_WHILE || k == LANG_TOKEN_RETURN ||
         k == LANG_TOKEN_TARGET || k == LANG_TOKEN_PRINT || k == LANG_TOKEN_ELSE ||
         mst_token_is_type(k);
}

void mst_parse_semicolon(lang_parser *p, const char *what) {
  if (mst_parse_accept(p, LANG_TOKEN_SEMICOLON)) return;
  const lang_token *last = mst_parse_last(p), *t = mst_parse_peek(p, 0);
  bool elsewhere = t->loc.line != last->end.line || t->loc.file != last->end.file;
  lang_token_kind k = t->kind;
  bool goes_on = k == LANG_TOKEN_CLOSE || k == LANG_TOKEN_CLOSE_SQUARE || k == LANG_TOKEN_COMMA ||
                 k == LANG_TOKEN_SET;
  if (!goes_on && (elsewhere || begins_statement(p))) {
    const char *where =
        elsewhere && k != LANG_TOKEN_END ? mst_lang_format(p->c, " on line %d", t->loc.line) : "";
    mst_lang_fail(p->c, last->end, 1, "a semicolon is missing; expected ';' after %s, got %s%s",
                  what, mst_parse_name_token(p, t), where);
  }
  if (k == LANG_TOKEN_CLOSE || k == LANG_TOKEN_CLOSE_SQUARE)
    mst_lang_fail(p->c, t->loc, 1,
                  "'%c' closes nothing; expected ';' after %s; try to delete it or "
                  "to open it before",
                  t->text[0], what);
  mst_parse_unexpected(p, mst_lang_format(p->c, "%s does not end", what), "';' or an operator",
                       k == LANG_TOKEN_SET ? "== to compare, or a statement for each '='" : NULL);
}

const lang_token *mst_parse_open(lang_parser *p, lang_token_kind kind, const char *what) {
  if (mst_parse_kind(p, 0) != kind)
    mst_parse_unexpected(p, what, mst_lang_format(p->c, "'%s'", mst_token_spelling(kind)), NULL);
  return mst_parse_take(p);
}

static bool reserved_for_later(const char *name) {
  static const char *const words[] = {
      "generated", "quantities", "transformed", "repeat", "until",  "then",   "true", "false",
      "typedef",   "struct",     "var",         "export", "extern", "static", "auto", NULL};
  for (const char *const *w = words; *w; w++)
    if (strcmp(*w, name) == 0) return true;
  return false;
}

char *mst_parse_new_name(lang_parser *p, const char *what, lang_loc *loc) {
  const lang_token *t = mst_parse_peek(p, 0);
  char *name = mst_parse_text(p, t);
  if (t->kind >= LANG_TOKEN_FUNCTIONS || (t->kind == LANG_TOKEN_NAME && reserved_for_later(name)))
    mst_lang_fail(p->c, t->loc, t->length,
                  "'%s' is a word of the language; expected a name for %s; try %s_", name, what,
                  name);
  if (t->kind != LANG_TOKEN_NAME)
    mst_parse_unexpected(p, mst_lang_format(p->c, "%s needs a name", what),
                         "letters, digits and '_'", NULL);
  size_t n = strlen(name);
  if (!p->prelude && n >= 2 && strcmp(name + n - 2, "__") == 0)
    mst_lang_fail(p->c, t->loc, t->length,
                  "'%s' ends in '__', which is reserved; expected another "
                  "name for %s; try %.*s",
                  name, what, (int)(n - 2), name);
  *loc = t->loc;
  mst_parse_take(p);
  return name;
}

bool mst_parse_at_heading(lang_parser *p) {
  int n = 0;
  if (mst_parse_is_word(p, 0, "transformed"))
    n = mst_parse_kind(p, 1) == LANG_TOKEN_DATA || mst_parse_kind(p, 1) == LANG_TOKEN_PARAMETERS
            ? 2
            : 0;
  else if (mst_parse_is_word(p, 0, "generated"))
    n = mst_parse_is_word(p, 1, "quantities") ? 2 : 0;
  else if (mst_parse_kind(p, 0) >= LANG_TOKEN_FUNCTIONS && mst_parse_kind(p, 0) <= LANG_TOKEN_MODEL)
    n = 1;
  return n && mst_parse_kind(p, n) == LANG_TOKEN_OPEN_BRACE;
}

void mst_parse_check_brace(lang_parser *p, const char *what, lang_loc opener) {
  bool end = mst_parse_kind(p, 0) == LANG_TOKEN_END;
  if (!end && !mst_parse_at_heading(p)) return;
  const lang_token *t = mst_parse_peek(p, 0);
  const char *got = end ? "the end of the program" : "the next block";
  if (!end && (mst_parse_is_word(p, 0, "transformed") || mst_parse_is_word(p, 0, "generated"))) {
    const lang_token *u = mst_parse_peek(p, 1);
    got = mst_lang_format(p->c, "the block '%.*s %.*s'", t->length, t->text, u->length, u->text);
  } else if (!end) {
    got = mst_lang_format(p->c, "the block '%.*s'", t->length, t->text);
  }
  mst_lang_fail(p->c, t->loc, width_of(t),
                "a brace is missing; expected '}' to close %s opened at %s, "
                "got %s",
                what, place(p, opener), got);
}

void mst_parse_warn_once(lang_parser *p, bool *warned, const lang_token *t, const char *text) {
  if (!*warned && !p->prelude) mst_lang_warn(p->c, t->loc, t->length, "%s", text);
  *warned = true;
}

bool mst_parse_defined(const lang_parser *p, const char *function) {
  for (int i = 0; i < p->nfunctions; i++)
    if (strcmp(p->function[i], function) == 0) return true;
  return false;
}
