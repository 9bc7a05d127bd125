import OpenSearchBulk
import Testing

@Suite struct DailyIndexTests {
    @Test("A name is read as it was written, for each class")
    func namesAreReadAsWritten() throws {
        let names = EventClass.allCases.map { DailyIndex($0, day: 20_485).name(prefix: "suricata") }
        #expect(names == ["suricata-stats-2026.02.01", "suricata-2026.02.01", "suricata-alerts-2026.02.01"])
        for (name, eventClass) in zip(names, EventClass.allCases) {
            #expect(DailyIndex(name: name, prefix: "suricata") == DailyIndex(eventClass, day: 20_485))
        }
    }

    @Test(
        "What no index of ours is called is not ours",
        arguments: [
            "", "suricata", "suricata-", "suricata-outside", "suricata-alerts-outside", "suricata-2026.02.31",
            "suricata-2026.2.1", "suricata-2026.02.01-restored", "suricata-lab-2026.02.01", "suricata-other-2026.02.01",
            "suricata2026.02.01", "2026.02.01", "-2026.02.01", "suricata-+026.02.01", "suricata-2026.-2.01",
            ".ds-suricata-000001", "suricata-99999999.1", "Suricata-2026.02.01",
        ])
    func otherNames(name: String) {
        #expect(DailyIndex(name: name, prefix: "suricata") == nil)
    }
}
