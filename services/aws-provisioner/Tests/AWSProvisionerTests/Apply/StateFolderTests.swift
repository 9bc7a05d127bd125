import Files
import Glibc
import JSON
import ServiceTesting
import Testing

@testable import AWSProvisioner

/// A change's progress from its text.
struct JSONProgress {
    let value: ChangeProgress?

    init(_ text: String) {
        value = JSONNode.reading(Array(text.utf8), ChangeProgress.init) ?? nil
    }
}

@Suite struct StateFolderTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("a/state") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var record: WorkRecord {
        var record = WorkRecord(domain: "d", region: "r", account: "1", phase: .creating, beganAt: 5)
        (record.requestHash, record.arn, record.endpoint) = ("h", "arn:x", nil)
        return record
    }

    @Test func whatIsKeptIsReadAgain() throws {
        let folder = try StateFolder(path)
        #expect(try folder.record() == nil)
        try folder.keep(record)
        #expect(try folder.record() == record)
        #expect(try StateFolder.record(in: path) == record)
        try folder.forget()
        try folder.forget()
        #expect(try folder.record() == nil)
    }

    @Test func nobodyElseMayReadIt() throws {
        let folder = try StateFolder(path)
        try folder.keep(record)
        for (name, mode) in [("", 0o700), ("/domain.json", 0o600), ("/lock", 0o600)] as [(String, mode_t)] {
            var status = stat()
            #expect(stat(path + name, &status) == 0)
            #expect(status.st_mode & 0o777 == mode, "\(name)")
        }
    }

    @Test func onlyOneProcessWorksWithIt() throws {
        let folder = try StateFolder(path)
        withExtendedLifetime(folder) {
            let error = thrown(StateFolderError.self) { try StateFolder(path) }
            #expect(error?.description.contains("another aws-provisioner") == true)
        }
    }

    @Test(arguments: ["", "{", "[]", #"{"version":2,"domain":"d"}"#, #"{"version":1,"domain":7}"#])
    func whatCannotBeReadIsNotPassedOver(content: String) throws {
        let folder = try StateFolder(path)
        try AtomicFile.replace(path + "/domain.json", with: Array(content.utf8))
        #expect(throws: StateFolderError.self) { try folder.record() }
    }

    @Test func whereItCannotBeMadeTheKeyIsNamed() {
        let error = thrown(StateFolderError.self) { try StateFolder("/proc/none/state") }
        #expect(error?.description.contains("aws.state_dir") == true)
    }
}
