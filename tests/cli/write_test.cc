// -w: what the copies hold, and what is never overwritten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::HasSubstr;

std::vector<std::string> captures(const std::string& extension) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(BPFC_SOURCE_DIR "/tests/data")) {
    if (entry.path().extension() == extension &&
        entry.path().filename().string().find("broken-") == std::string::npos) {
      files.push_back(entry.path());
    }
  }
  return files;
}

// What bpfc reads of a capture, one line a packet.
std::string lines_of(const std::string& file) {
  const Outcome outcome = run_bpfc({"-r", file});
  EXPECT_EQ(outcome.exit_code, 0) << file << ": " << outcome.err;
  return outcome.out;
}

TEST(WriteTest, APcapCopyIsTheSameFile) {
  const ScratchFolder folder;
  const std::string copy = folder.path("copy");
  const auto files = captures(".pcap");
  EXPECT_GT(files.size(), 20U);
  for (const std::string& file : files) {
    EXPECT_EQ(run_bpfc({"-r", file, "-w", copy, ""}).exit_code, 0);
    const std::string expected = file_contents(file);
    EXPECT_TRUE(file_contents(copy) == expected) << file;
    const Outcome streamed =
        run_bpfc(Invocation{.arguments = {"-r", "-", "-w", "-"}, .input = expected});
    EXPECT_TRUE(streamed.out == expected) << file;
  }
}

TEST(WriteTest, APcapngCopyHoldsTheSamePackets) {
  const ScratchFolder folder;
  for (const std::string& file : captures(".pcapng")) {
    const std::string copy = folder.path("copy");
    const Outcome outcome = run_bpfc({"-r", file, "-w", copy});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(lines_of(copy), lines_of(file));
    const bool mixed = file.find("mixed") != std::string::npos;
    const std::string head = file_contents(copy).substr(0, 4);
    EXPECT_EQ(head == "\x0a\x0d\x0d\x0a", mixed) << file;
  }
}

TEST(WriteTest, FiltersWhatItCopies) {
  const ScratchFolder folder;
  for (const char* name : {"dns.pcap", "nanoseconds.pcap", "big-endian-nanoseconds.pcap",
                           "mixed-link-types.pcapng", "mixed-sections.pcapng"}) {
    const std::string copy = folder.path("copy");
    EXPECT_EQ(run_bpfc({"-r", data_file(name), "-w", copy, "ip"}).exit_code, 0);
    const std::string expected = run_bpfc({"-r", data_file(name), "--count", "ip"}).out;
    EXPECT_EQ(run_bpfc({"-r", copy, "--count"}).out, expected) << name;
    EXPECT_EQ(run_bpfc({"-r", copy, "--count", "ip"}).out, expected) << name;
  }
}

TEST(WriteTest, EachInterfaceKeepsItsLinkTypeAndEachFamilyItsByteOrder) {
  const ScratchFolder folder;
  for (const char* name : {"mixed-link-types.pcapng", "mixed-sections.pcapng"}) {
    const std::string copy = folder.path("copy");
    ASSERT_EQ(run_bpfc({"-r", data_file(name), "-w", copy}).exit_code, 0);
    for (const char* filter : {"ip", "ip6", "arp", "tcp", "udp port 53", "host 10.77.0.1"}) {
      EXPECT_EQ(run_bpfc({"run", filter, "-r", copy}).out,
                run_bpfc({"run", filter, "-r", data_file(name)}).out)
          << name << ": " << filter;
    }
  }
}

TEST(WriteTest, ACopyWithoutPacketsCanBeRead) {
  const ScratchFolder folder;
  for (const char* name : {"dns.pcap", "ethernet.pcapng", "mixed-link-types.pcapng"}) {
    const std::string copy = folder.path("copy");
    ASSERT_EQ(run_bpfc({"-r", data_file(name), "-w", copy, "port 9"}).exit_code, 0);
    const Outcome outcome = run_bpfc({"-r", copy, "--count"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "0 packets\n");
  }
}

TEST(WriteTest, PipesWithASecondLinkTypeAreReported) {
  const Outcome outcome =
      run_bpfc(Invocation{.arguments = {"-r", "-", "-w", "-"},
                          .input = file_contents(data_file("mixed-sections.pcapng"))});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("second link type"));
}

TEST(WriteTest, WhatTcpdumpReadsOfACopyIsWhatItReadsOfTheInput) {
  const std::string tcpdump = find_installed("tcpdump");
  if (tcpdump.empty()) GTEST_SKIP() << "tcpdump is not installed";
  const ScratchFolder folder;
  const std::string copy = folder.path("copy");
  auto files = captures(".pcap");
  for (const std::string& file : captures(".pcapng")) {
    if (file.find("mixed") == std::string::npos) files.push_back(file);
  }
  for (const std::string& file : files) {
    ASSERT_EQ(run_bpfc({"-r", file, "-w", copy}).exit_code, 0);
    const auto read = [&](const std::string& path) {
      return run_program(tcpdump, Invocation{.arguments = {"-nxxe", "-tttt", "--nano", "-r", path}})
          .out;
    };
    const std::string expected = read(file);
    EXPECT_NE(expected, "") << file;
    EXPECT_TRUE(read(copy) == expected) << file;
  }
}

// What the output holds must survive.
TEST(PreservationTest, TheInputIsNotTheOutput) {
  const ScratchFolder folder;
  const std::string contents = file_contents(data_file("dns.pcap"));
  const std::string file = folder.write("a.pcap", contents);
  const std::string hard_link = folder.path("hard");
  const std::string soft_link = folder.path("soft");
  std::filesystem::create_hard_link(file, hard_link);
  std::filesystem::create_symlink(file, soft_link);
  std::vector<Outcome> outcomes;
  for (const std::string& other : {file, hard_link, soft_link, folder.path("./a.pcap")}) {
    outcomes.push_back(run_bpfc({"-r", file, "-w", other, "tcp"}));
  }
  outcomes.push_back(
      run_bpfc(Invocation{.arguments = {"-r", "-", "-w", soft_link}, .input_path = file}));
  outcomes.push_back(run_bpfc(
      Invocation{.arguments = {"-r", file, "-w", "-"}, .output_path = file, .append = true}));
  outcomes.push_back(
      run_bpfc(Invocation{.arguments = {"-r", file}, .output_path = file, .append = true}));
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("same file"));
  }
  EXPECT_TRUE(file_contents(file) == contents);
}

TEST(PreservationTest, BadFiltersTouchNothing) {
  const ScratchFolder folder;
  const std::string precious = folder.write("precious", "what was there");
  const std::string absent = folder.path("absent");
  // The last compiles for the first of two link types only.
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"dns.pcap", "tcp port"},
      {"dns.pcap", "host no-such-name.invalid"},
      {"raw.pcap", "ether host 1:2:3:4:5:6"},
      {"mixed-link-types.pcapng", "tcp port"},
      {"mixed-sections.pcapng", "ether host 1:2:3:4:5:6"}};
  for (const auto& [capture, filter] : cases) {
    for (const std::string& output : {precious, absent}) {
      const Outcome outcome = run_bpfc({"-r", data_file(capture), "-w", output, filter});
      EXPECT_EQ(outcome.exit_code, 1) << filter;
      EXPECT_THAT(outcome.err, HasSubstr("filter:1:")) << filter;
    }
  }
  EXPECT_EQ(file_contents(precious), "what was there");
  EXPECT_FALSE(std::filesystem::exists(absent));
  const Outcome missing = run_bpfc({"-r", folder.path("nothing"), "-w", precious});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(file_contents(precious), "what was there");
}

TEST(PreservationTest, UnwritablePlacesAndUnreadableFiles) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read and write everything";
  const ScratchFolder folder;
  const std::string locked = folder.write("locked", file_contents(data_file("dns.pcap")));
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"-r", locked}, {"-F", locked}, {"-r", data_file("dns.pcap"), "-w", locked}}) {
    const Outcome outcome = run_bpfc(arguments);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("Permission denied"));
  }
}

}  // namespace
}  // namespace bpfc::cli_test
