/* The grammar of filter expressions (pcap-filter(7)).

   It has no conflicts. Which readings of `(`, `not` and numbers are possible is told apart by the
   nonterminals: `expression` holds primitives, `identifiers` a group of bare ones after a qualifier or
   a connective, `computed` and `number` arithmetic. */
%require "3.8"
%skeleton "lalr1.cc"
%language "c++"
%expect 0
%defines
%define api.namespace {bpfc::grammar}
%define api.parser.class {Parser}
%define api.value.type variant
%define api.value.automove
%define api.token.constructor
%define api.token.raw
%define api.location.type {bpfc::SourceRange}
%define parse.error custom
%define parse.lac full
%locations

%code requires {
#include "grammar/ast.h"
namespace bpfc::grammar {
class ParserState;
// The members of a chain, or of a list of numbers, while it is being read.
using Operands = std::vector<ast::ChainLink>;
using NumberList = std::vector<ast::NumberAt>;
}  // namespace bpfc::grammar
using yyscan_t = void*;
}

%param { bpfc::grammar::ParserState& state }
%parse-param { yyscan_t scanner }
%lex-param { yyscan_t scanner }

%code {
#include "grammar/parser_state.h"

#define YYLLOC_DEFAULT(Current, Rhs, N)                                  \
  do {                                                                   \
    if (N) {                                                             \
      (Current).begin = YYRHSLOC(Rhs, 1).begin;                          \
      (Current).end = YYRHSLOC(Rhs, N).end;                              \
    } else {                                                             \
      (Current).begin = (Current).end = YYRHSLOC(Rhs, 0).end;            \
    }                                                                    \
  } while (false)

namespace bpfc::grammar {
static Parser::symbol_type yylex(ParserState& state, yyscan_t scanner) {
  Parser::symbol_type symbol = scan(state, scanner);
  state.remember({symbol.kind(), symbol.location});
  return symbol;
}
}  // namespace bpfc::grammar
}

/* Aliases are what a user is told was expected (grammar/syntax_error.cc groups them). */
%token END 0 "the end of the expression"
%token <bpfc::ast::Protocol> PROTOCOL "a protocol"
%token SOURCE "'src'"
%token DESTINATION "'dst'"
%token <bpfc::ast::Direction> WLAN_ADDRESS "an 802.11 address field"
%token <bpfc::ast::AddressType> ADDRESS_TYPE "'host', 'net', 'port' or 'portrange'"
%token <bpfc::ast::AddressType> UNDIRECTED_TYPE "'proto', 'protochain' or 'gateway'"
%token MASK "'mask'"
%token <bool> CAST "'broadcast' or 'multicast'"
%token <bool> LENGTH_LIMIT "'less' or 'greater'"
%token BYTE "'byte'"
%token <bool> PACKET_DIRECTION "'inbound' or 'outbound'"
%token IFINDEX "'ifindex'"
%token <bpfc::ast::EncapsulationKind> ENCAPSULATION "an encapsulation"
%token PPPOED "'pppoed'"
%token LLC "'llc'"
%token <bpfc::ast::PflogField> PFLOG_NAME "a pflog keyword"
%token <bpfc::ast::PflogField> RULE_NUMBER "a pflog rule number"
%token RNR "'rnr'"
%token REASON "'reason'"
%token ACTION "'action'"
%token TYPE "'type'"
%token SUBTYPE "'subtype'"
%token DIRECTION "'dir'"
%token <bpfc::ast::AtmKind> ATM_KIND "an ATM keyword"
%token <bpfc::ast::Ss7Kind> SS7_KIND "an SS7 keyword"
%token <bpfc::ast::SignallingField> SIGNALLING_FIELD "an ATM or SS7 field"
%token LENGTH "'len'"
%token <std::uint32_t> NUMBER "a number"
%token <bpfc::SourceRange> WORD "a name"
%token <bpfc::SourceRange> IPV4 "an IPv4 address"
%token <bpfc::SourceRange> IPV6 "an IPv6 address"
%token <bpfc::SourceRange> MAC48 "a MAC address"
%token <bpfc::SourceRange> MAC8 "a one-byte address"
%token AND "'and'"
%token OR "'or'"
%token NOT "'not'"
%token EQUAL "'='"
%token NOT_EQUAL "'!='"
%token GREATER "'>'"
%token LESS "'<'"
%token GREATER_OR_EQUAL "'>='"
%token LESS_OR_EQUAL "'<='"
%token PLUS "'+'"
%token MINUS "'-'"
%token STAR "'*'"
%token SLASH "'/'"
%token PERCENT "'%'"
%token AMPERSAND "'&'"
%token BAR "'|'"
%token CARET "'^'"
%token SHIFT_LEFT "'<<'"
%token SHIFT_RIGHT "'>>'"
%token COLON "':'"
%token LEFT_BRACKET "'['"
%token RIGHT_BRACKET "']'"
%token LEFT_PARENTHESIS "'('"
%token RIGHT_PARENTHESIS "')'"

/* Loosest first. libpcap's grammar gives `%` and `^` no precedence and so reads on whenever one of them
   is on either side: `len % 2 + 1` is `len % (2 + 1)`, and `1 + len % 2` is `1 + (len % 2)`. Said as
   precedences: as a token that may come next, either binds tighter than everything; a finished
   `a % b` binds looser than everything (SHIFTS_FIRST), so that what follows goes to b. */
%precedence SHIFTS_FIRST
%left BAR
%left AMPERSAND
%left SHIFT_LEFT SHIFT_RIGHT
%left PLUS MINUS
%left STAR SLASH
%precedence UNARY_MINUS
%precedence PERCENT CARET

%type <bpfc::grammar::Operands> expression identifiers identifiers_or_number
%type <std::uint32_t> term primitive bare_identifier identifier group other signalling
%type <bpfc::ast::Connective> connective
%type <bpfc::ast::Protocol> protocol
%type <bpfc::ast::Direction> direction
%type <std::uint32_t> arithmetic computed
%type <std::uint32_t> number
%type <bpfc::ast::RelationOperator> relation byte_operator
%type <bpfc::ast::NameOrNumber> name_or_number name_value number_value
%type <bpfc::grammar::NumberList> number_list

%%

filter
  : %empty
  | expression                            { state.finish($1, @1); }
  ;

connective
  : AND                                   { $$ = ast::Connective::kAnd; }
  | OR                                    { $$ = ast::Connective::kOr; }
  ;

/* A bare identifier may follow a connective, never open an expression. */
expression
  : term                                  { $$ = state.first($1); }
  | expression connective term            { $$ = state.append($1, $2, $3); }
  | expression connective identifier      { $$ = state.append($1, $2, $3); }
  ;

term
  : primitive                             { $$ = $1; }
  | not term                              { $$ = state.negate($2, @$); }
  ;

not
  : NOT                                   { if (!state.enter(@1)) YYABORT; }
  ;

parenthesis
  : LEFT_PARENTHESIS                      { if (!state.open(@1)) YYABORT; }
  ;

primitive
  : qualifiers identifier                 { $$ = state.widen($2, @$); }
  | parenthesis expression RIGHT_PARENTHESIS  { state.close(); $$ = state.chain($2, @$); }
  | protocol                              { $$ = state.add(@$, ast::Abbreviation{$1}); }
  | arithmetic relation arithmetic        { $$ = state.add(@$, ast::Relation{$2, $1, $3}); }
  | other                                 { $$ = $1; }
  ;

protocol
  : PROTOCOL                              { $$ = $1; }
  ;

direction
  : SOURCE                                { $$ = ast::Direction::kSource; }
  | DESTINATION                           { $$ = ast::Direction::kDestination; }
  | SOURCE OR DESTINATION                 { $$ = ast::Direction::kEither; }
  | DESTINATION OR SOURCE                 { $$ = ast::Direction::kEither; }
  | SOURCE AND DESTINATION                { $$ = ast::Direction::kBoth; }
  | DESTINATION AND SOURCE                { $$ = ast::Direction::kBoth; }
  | WLAN_ADDRESS                          { $$ = $1; }
  ;

qualifiers
  : protocol direction ADDRESS_TYPE       { state.qualify($1, $2, $3, @$); }
  | protocol direction                    { state.qualify($1, $2, ast::AddressType::kDefault, @$); }
  | protocol ADDRESS_TYPE                 { state.qualify($1, ast::Direction::kDefault, $2, @$); }
  | protocol UNDIRECTED_TYPE              { state.qualify($1, ast::Direction::kDefault, $2, @$); }
  | direction ADDRESS_TYPE                { state.qualify(ast::Protocol::kDefault, $1, $2, @$); }
  | direction                             { state.qualify(ast::Protocol::kDefault, $1, ast::AddressType::kDefault, @$); }
  | ADDRESS_TYPE                          { state.qualify(ast::Protocol::kDefault, ast::Direction::kDefault, $1, @$); }
  | UNDIRECTED_TYPE                       { state.qualify(ast::Protocol::kDefault, ast::Direction::kDefault, $1, @$); }
  ;

identifier
  : bare_identifier                       { $$ = $1; }
  | number                                { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kNumber, .text = @1, .number = $1})) YYABORT; }
  | group                                 { $$ = $1; }
  ;

/* Its first member may be a number or a plain identifier, not another group. */
group
  : parenthesis identifiers RIGHT_PARENTHESIS  { state.close(); $$ = state.chain($2, @$); }
  ;

identifiers
  : bare_identifier                       { $$ = state.first($1); }
  | identifiers_or_number connective identifier { $$ = state.append($1, $2, $3); }
  ;

identifiers_or_number
  : number
    {
      ast::NodeIndex node{};
      if (!state.identify(node, @1, {.kind = ast::IdentifierKind::kNumber, .text = @1, .number = $1})) YYABORT;
      $$ = state.first(node);
    }
  | identifiers                           { $$ = $1; }
  ;

bare_identifier
  : WORD                                  { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kName, .text = $1})) YYABORT; }
  | IPV4                                  { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kIpv4, .text = $1})) YYABORT; }
  | IPV4 SLASH NUMBER                     { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kIpv4, .text = $1, .prefix_length = $3})) YYABORT; }
  | IPV4 MASK IPV4                        { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kIpv4, .text = $1, .mask = $3})) YYABORT; }
  | IPV6                                  { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kIpv6, .text = $1})) YYABORT; }
  | IPV6 SLASH NUMBER                     { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kIpv6, .text = $1, .prefix_length = $3})) YYABORT; }
  | MAC48                                 { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kMac48, .text = $1})) YYABORT; }
  | MAC8                                  { if (!state.identify($$, @$, {.kind = ast::IdentifierKind::kMac8, .text = $1})) YYABORT; }
  | not identifier                        { $$ = state.negate($2, @$); }
  ;

relation
  : EQUAL                                 { $$ = ast::RelationOperator::kEqual; }
  | NOT_EQUAL                             { $$ = ast::RelationOperator::kNotEqual; }
  | GREATER                               { $$ = ast::RelationOperator::kGreater; }
  | LESS                                  { $$ = ast::RelationOperator::kLess; }
  | GREATER_OR_EQUAL                      { $$ = ast::RelationOperator::kGreaterOrEqual; }
  | LESS_OR_EQUAL                         { $$ = ast::RelationOperator::kLessOrEqual; }
  ;

arithmetic
  : number                                { $$ = state.add(@1, ast::Number{$1}); }
  | computed                              { $$ = $1; }
  ;

number
  : NUMBER                                { $$ = $1; }
  | parenthesis number RIGHT_PARENTHESIS  { state.close(); $$ = $2; }
  ;

computed
  : protocol LEFT_BRACKET arithmetic RIGHT_BRACKET
                                          { $$ = state.add(@$, ast::Accessor{$1, $3, 1, @1, @3}); }
  | protocol LEFT_BRACKET arithmetic COLON NUMBER RIGHT_BRACKET
                                          { $$ = state.add(@$, ast::Accessor{$1, $3, $5, @1, @5}); }
  | LENGTH                                { $$ = state.add(@$, ast::Length{}); }
  | parenthesis computed RIGHT_PARENTHESIS { state.close(); $$ = $2; }
  | minus arithmetic %prec UNARY_MINUS    { state.leave(); $$ = state.add(@$, ast::Negate{$2}); }
  | arithmetic PLUS arithmetic            { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kAdd, $1, $3}); }
  | arithmetic MINUS arithmetic           { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kSubtract, $1, $3}); }
  | arithmetic STAR arithmetic            { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kMultiply, $1, $3}); }
  | arithmetic SLASH arithmetic           { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kDivide, $1, $3}); }
  | arithmetic AMPERSAND arithmetic       { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kAnd, $1, $3}); }
  | arithmetic BAR arithmetic             { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kOr, $1, $3}); }
  | arithmetic SHIFT_LEFT arithmetic      { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kShiftLeft, $1, $3}); }
  | arithmetic SHIFT_RIGHT arithmetic     { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kShiftRight, $1, $3}); }
  | arithmetic PERCENT arithmetic %prec SHIFTS_FIRST
                                          { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kModulo, $1, $3}); }
  | arithmetic CARET arithmetic %prec SHIFTS_FIRST
                                          { $$ = state.add(@$, ast::Binary{ast::ArithmeticOperator::kXor, $1, $3}); }
  ;

minus
  : MINUS                                 { if (!state.enter(@1)) YYABORT; }
  ;

other
  : protocol CAST                         { $$ = state.add(@$, ast::Cast{$1, $2}); }
  | CAST                                  { $$ = state.add(@$, ast::Cast{ast::Protocol::kDefault, $1}); }
  | LENGTH_LIMIT NUMBER                   { $$ = state.add(@$, ast::LengthLimit{$1, $2}); }
  | BYTE NUMBER byte_operator NUMBER      { $$ = state.add(@$, ast::ByteTest{$3, $2, $4, @4}); }
  | PACKET_DIRECTION                      { $$ = state.add(@$, ast::PacketDirection{$1}); }
  | IFINDEX NUMBER                        { $$ = state.add(@$, ast::InterfaceIndex{$2}); }
  | ENCAPSULATION                         { $$ = state.add(@$, ast::Encapsulation{$1, std::nullopt, @1}); }
  | ENCAPSULATION number                  { $$ = state.add(@$, ast::Encapsulation{$1, $2, @2}); }
  | PPPOED                                { $$ = state.add(@$, ast::Encapsulation{ast::EncapsulationKind::kPppoed, std::nullopt, @1}); }
  | LLC                                   { $$ = state.add(@$, ast::Llc{}); }
  | LLC WORD                              { $$ = state.add(@$, ast::Llc{$2}); }
  | LLC RNR                               { $$ = state.add(@$, ast::Llc{@2}); }
  | PFLOG_NAME name_value                 { $$ = state.add(@$, ast::Pflog{$1, $2}); }
  | RULE_NUMBER number_value              { $$ = state.add(@$, ast::Pflog{$1, $2}); }
  | RNR number_value                      { $$ = state.add(@$, ast::Pflog{ast::PflogField::kRule, $2}); }
  | REASON name_or_number                 { $$ = state.add(@$, ast::Pflog{ast::PflogField::kReason, $2}); }
  | ACTION name_value                     { $$ = state.add(@$, ast::Pflog{ast::PflogField::kAction, $2}); }
  | TYPE name_or_number                   { $$ = state.add(@$, ast::Wlan{ast::Protocol::kDefault, $2, {}, {}}); }
  | TYPE name_or_number SUBTYPE name_or_number
                                          { $$ = state.add(@$, ast::Wlan{ast::Protocol::kDefault, $2, $4, {}}); }
  | SUBTYPE name_value                    { $$ = state.add(@$, ast::Wlan{ast::Protocol::kDefault, {}, $2, {}}); }
  | DIRECTION name_or_number              { $$ = state.add(@$, ast::Wlan{ast::Protocol::kDefault, {}, {}, $2}); }
  | protocol TYPE name_or_number          { $$ = state.add(@$, ast::Wlan{$1, $3, {}, {}}); }
  | protocol TYPE name_or_number SUBTYPE name_or_number
                                          { $$ = state.add(@$, ast::Wlan{$1, $3, $5, {}}); }
  | protocol SUBTYPE name_value           { $$ = state.add(@$, ast::Wlan{$1, {}, $3, {}}); }
  | protocol DIRECTION name_or_number     { $$ = state.add(@$, ast::Wlan{$1, {}, {}, $3}); }
  | ATM_KIND                              { $$ = state.add(@$, ast::Atm{$1}); }
  | SS7_KIND                              { $$ = state.add(@$, ast::Ss7{$1}); }
  | signalling                            { $$ = $1; }
  ;

byte_operator
  : EQUAL                                 { $$ = ast::RelationOperator::kEqual; }
  | LESS                                  { $$ = ast::RelationOperator::kLess; }
  | GREATER                               { $$ = ast::RelationOperator::kGreater; }
  | AMPERSAND                             { $$ = ast::RelationOperator::kAnd; }
  | BAR                                   { $$ = ast::RelationOperator::kOr; }
  ;

name_value
  : WORD                                  { $$ = ast::NameOrNumber{$1, {}}; }
  ;

number_value
  : NUMBER                                { $$ = ast::NameOrNumber{@1, $1}; }
  ;

name_or_number
  : name_value                            { $$ = $1; }
  | number_value                          { $$ = $1; }
  ;

signalling
  : SIGNALLING_FIELD NUMBER               { $$ = state.compare(@$, $1, ast::RelationOperator::kEqual, {{$2, @2}}); }
  | SIGNALLING_FIELD relation NUMBER      { $$ = state.compare(@$, $1, $2, {{$3, @3}}); }
  | SIGNALLING_FIELD parenthesis number_list RIGHT_PARENTHESIS
                                          { state.close(); $$ = state.compare(@$, $1, ast::RelationOperator::kEqual, $3); }
  ;

number_list
  : NUMBER                                { $$.push_back({$1, @1}); }
  | number_list OR NUMBER                 { auto list = $1; list.push_back({$3, @3}); $$ = std::move(list); }
  ;

%%
