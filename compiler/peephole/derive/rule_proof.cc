// The packet is an array of bytes. What the kernel loads from beyond 2^31 (its headers) is a
// function of the position and the size, of which nothing is known.
#include "peephole/derive/rule_proof.h"

#include <z3++.h>

#include "bpfc/verify.h"
#include "peephole/window_run.h"

namespace bpfc::peephole {
namespace {

class Terms {
 public:
  using Word = z3::expr;
  using Condition = z3::expr;
  struct Loaded {
    z3::expr value;
    z3::expr succeeds;
  };

  Terms(z3::context& context, Rules rules)
      : context_(context),
        rules_(rules),
        bytes_(
            context.constant("bytes", context.array_sort(context.bv_sort(32), context.bv_sort(8)))),
        captured_(context.bv_const("captured", 32)),
        length_(context.bv_const("length", 32)),
        beyond_value_(context.function("beyond_value", context.bv_sort(32), context.bv_sort(32),
                                       context.bv_sort(32))),
        beyond_succeeds_(context.function("beyond_succeeds", context.bv_sort(32),
                                          context.bv_sort(32), context.bool_sort())) {}

  Word number(std::uint32_t n) { return context_.bv_val(n, 32); }
  Word variable(const char* name) { return context_.bv_const(name, 32); }
  Condition always() { return context_.bool_val(true); }
  static Condition opposite(const Condition& c) { return !c; }
  static Condition both(const Condition& c, const Condition& d) { return c && d; }
  Word length() { return length_; }

  Word compute(Arithmetic op, const Word& l, const Word& r) {
    switch (op) {
      case Arithmetic::kAdd:
        return l + r;
      case Arithmetic::kSubtract:
        return l - r;
      case Arithmetic::kMultiply:
        return l * r;
      case Arithmetic::kDivide:
        return z3::udiv(l, r);
      case Arithmetic::kModulo:
        return z3::urem(l, r);
      case Arithmetic::kAnd:
        return l & r;
      case Arithmetic::kOr:
        return l | r;
      case Arithmetic::kXor:
        return l ^ r;
      case Arithmetic::kShiftLeft:
        return z3::shl(l, distance(r));
      case Arithmetic::kShiftRight:
        return z3::lshr(l, distance(r));
      case Arithmetic::kNegate:
        break;
    }
    return -l;
  }
  static Condition compare(Comparison comparison, const Word& l, const Word& r) {
    switch (comparison) {
      case Comparison::kEqual:
        return l == r;
      case Comparison::kGreater:
        return z3::ugt(l, r);
      case Comparison::kGreaterOrEqual:
        return z3::uge(l, r);
      case Comparison::kAnyBit:
        break;
    }
    return (l & r) != 0;
  }
  Loaded load(const Word& position, unsigned size) {
    const z3::expr end = z3::zext(position, 1) + context_.bv_val(size, 33);
    z3::expr value = z3::zext(z3::select(bytes_, position), 24);
    for (unsigned i = 1; i < size; ++i) {
      value = z3::shl(value, 8) | z3::zext(z3::select(bytes_, position + number(i)), 24);
    }
    return {value, z3::ule(end, z3::zext(captured_, 1))};
  }
  Loaded load_indexed(const Word& x, const Word& k, unsigned size) {
    const z3::expr position = x + k;
    Loaded plain = load(position, size);
    if (rules_ == Rules::kLibpcap) {
      plain.succeeds = plain.succeeds && z3::uge(position, x);
      return plain;
    }
    const z3::expr beyond = z3::uge(position, number(0x80000000U));
    return {z3::ite(beyond, beyond_value_(position, number(size)), plain.value),
            z3::ite(beyond, beyond_succeeds_(position, number(size)), plain.succeeds)};
  }

 private:
  // z3 shifts everything out by distances of 32 and more, as libpcap does.
  z3::expr distance(const z3::expr& by) { return rules_ == Rules::kKernel ? by & number(31) : by; }

  z3::context& context_;
  Rules rules_;
  z3::expr bytes_;
  z3::expr captured_;
  z3::expr length_;
  z3::func_decl beyond_value_;
  z3::func_decl beyond_succeeds_;
};

z3::expr same(Terms& terms, const Rule& rule, const WindowState<Terms>& window,
              const WindowState<Terms>& replacement) {
  if (ending(rule.window) == Ending::kReturn) {
    return z3::ite(window.goes_on, window.verdict, terms.number(0)) ==
           z3::ite(replacement.goes_on, replacement.verdict, terms.number(0));
  }
  z3::expr alike = window.taken == replacement.taken;
  for (std::size_t i = 0; i < kRegisters; ++i) {
    if ((rule.dead >> i & 1U) != 0) continue;
    alike = alike && window.registers[i] == replacement.registers[i];
  }
  return window.goes_on == replacement.goes_on && z3::implies(window.goes_on, alike);
}

RuleProof prove_by(const Rule& rule, Rules rules, std::chrono::milliseconds timeout) {
  z3::context context;
  Terms terms(context, rules);
  const Symbols<Terms> symbols{{terms.variable("k"), terms.variable("l"), terms.variable("m")}};
  const WindowRun<Terms> run(terms, symbols);
  WindowState<Terms> window{
      {terms.variable("A"), terms.variable("X"), terms.variable("Mi"), terms.variable("Mj")},
      terms.always(),
      terms.always(),
      terms.number(0)};
  WindowState<Terms> replacement = window;
  run.run(rule.window, window);
  run.run(rule.replacement, replacement);
  z3::solver solver(context, "QF_AUFBV");
  solver.set("timeout", static_cast<unsigned>(timeout.count()));
  solver.add(run.allowed(rule.window) && run.allowed(rule.replacement));
  if (rule.condition) solver.add(run.holds(*rule.condition));
  solver.add(!same(terms, rule, window, replacement));
  switch (solver.check()) {
    case z3::unsat:
      return RuleProof::kProved;
    case z3::sat:
      return RuleProof::kRefuted;
    default:
      return RuleProof::kUndecided;
  }
}

}  // namespace

RuleProof prove_rule(const Rule& rule, std::chrono::milliseconds timeout) {
  if (ending(rule.window) != ending(rule.replacement)) return RuleProof::kRefuted;
  try {
    const RuleProof kernel = prove_by(rule, Rules::kKernel, timeout);
    return kernel == RuleProof::kProved ? prove_by(rule, Rules::kLibpcap, timeout) : kernel;
  } catch (const z3::exception&) {
    return RuleProof::kUndecided;
  }
}

}  // namespace bpfc::peephole
