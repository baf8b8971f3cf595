#include "bpfc/link_type.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "bpfc/compile.h"
#include "compiler/link_rules.h"

namespace bpfc {
namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

TEST(LinkTypes, HaveDistinctNamesAndNumbersInOrder) {
  const auto types = link_types();
  for (std::size_t i = 1; i < types.size(); ++i) EXPECT_LT(types[i - 1].number, types[i].number);
  for (const LinkType& a : types) {
    EXPECT_FALSE(a.description.empty()) << a.name;
    EXPECT_NE(a.rules, nullptr) << a.name;
    for (const LinkType& b : types) {
      if (&a == &b) continue;
      EXPECT_NE(a.name, b.name);
      EXPECT_NE(a.file_number, b.file_number);
    }
  }
}

TEST(LinkTypes, AreFoundByEveryName) {
  for (const LinkType& type : link_types()) {
    const std::string name(type.name);
    for (const std::string& text : {name, lower(name), "DLT_" + name, "dlt_" + lower(name),
                                    "Dlt_" + name, std::to_string(type.number)}) {
      EXPECT_EQ(find_link_type(text), &type) << text;
    }
    EXPECT_EQ(find_link_type(type.number), &type);
    EXPECT_EQ(find_link_type_of_file(type.file_number), &type);
  }
}

TEST(LinkTypes, AreNotFoundByOtherWords) {
  for (const char* text : {"", "DLT_", "DLT_DLT_RAW", "EN10", "EN10MBX", " RAW", "-1", "+1", "1x",
                           "0x1", "65536", "99999999999", "DLT_1"}) {
    EXPECT_EQ(find_link_type(text), nullptr) << text;
  }
  EXPECT_EQ(find_link_type(std::uint16_t{65535}), nullptr);
  EXPECT_EQ(find_link_type_of_file(65535), nullptr);
}

TEST(LinkTypes, HaveTheNumbersOfTheManPages) {
  struct Row {
    const char* name;
    std::uint16_t number;
    std::uint16_t file_number;
  };
  for (const Row& row : {Row{"EN10MB", 1, 1}, Row{"RAW", 12, 101}, Row{"IPV4", 228, 228},
                         Row{"IPV6", 229, 229}, Row{"NULL", 0, 0}, Row{"LOOP", 108, 108},
                         Row{"LINUX_SLL", 113, 113}, Row{"LINUX_SLL2", 276, 276}}) {
    const LinkType* type = find_link_type(row.name);
    ASSERT_NE(type, nullptr) << row.name;
    EXPECT_EQ(type->number, row.number) << row.name;
    EXPECT_EQ(type->file_number, row.file_number) << row.name;
  }
}

TEST(LinkTypes, CompileOnEveryTarget) {
  for (const LinkType& type : link_types()) {
    for (const Target target :
         {Target::kPlain, Target::kLiveLinux, Target::kNativeSavefile, Target::kSwappedSavefile}) {
      CompileOptions options;
      options.link_type = &type;
      options.target = target;
      options.optimization = Optimization::kNone;
      for (const char* text : {"", "len > 100", "greater 100 or less 50"}) {
        EXPECT_TRUE(compile(text, options)) << type.name << ": " << text;
      }
      const bool cooked = target == Target::kLiveLinux && type.rules->cooked_header > 0;
      EXPECT_EQ(compile("link[0] = 1", options).has_value(), !cooked) << type.name;
      for (const char* text : {"ip", "ip6", "tcp port 80", "host 1.2.3.4", "arp", "pppoed"}) {
        const auto compiled = compile(text, options);
        EXPECT_EQ(compiled.has_value(), type.rules->payload_is != nullptr) << type.name << text;
        if (!compiled) {
          EXPECT_EQ(compiled.error().code, DiagnosticCode::kUnsupportedLinkType);
        }
      }
    }
  }
}

// HDLC's is 16 and HIPPI's 15 on NetBSD; Linux's header gives these to BSD/OS.
TEST(LinkTypes, AreFoundByTheNumberInFilesWhereNoOtherHasIt) {
  EXPECT_EQ(find_link_type("101"), find_link_type("RAW"));
  EXPECT_EQ(find_link_type("100"), find_link_type("ATM_RFC1483"));
  EXPECT_EQ(find_link_type("16"), find_link_type("HDLC"));
  EXPECT_EQ(find_link_type("112"), find_link_type("HDLC"));
  EXPECT_EQ(find_link_type("103"), find_link_type("PPP_BSDOS"));
  EXPECT_EQ(find_link_type("246"), find_link_type("PFSYNC"));
  for (const char* unassigned : {"17", "18", "20", "49", "98", "110", "304"}) {
    EXPECT_EQ(find_link_type(unassigned), nullptr) << unassigned;
  }
}

TEST(LinkTypes, HaveOtherNames) {
  EXPECT_EQ(find_link_type("DLT_USB"), find_link_type("USB_FREEBSD"));
  EXPECT_EQ(find_link_type("IEEE802_15_4_WITHFCS"), find_link_type("IEEE802_15_4"));
}

}  // namespace
}  // namespace bpfc
