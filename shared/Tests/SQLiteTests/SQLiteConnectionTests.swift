import Glibc
import Lifecycle
import ServiceTesting
import Testing

@testable import SQLite

@Suite struct SQLiteConnectionTests {
    @Test func bindsAndReads() throws {
        let database = try SQLiteConnection(path: ":memory:")
        try database.execute("CREATE TABLE t (a INTEGER, b TEXT, c TEXT)")
        let insert = try database.prepare("INSERT INTO t VALUES (?, ?, ?)")
        let bytes = Array("ü\u{0}x".utf8)
        for number: Int64? in [Int64.min, nil] {
            try bytes.withUnsafeBytes { bytes in
                try insert.bind(number, at: 1)
                try insert.bind(number.map { "\($0)" }, at: 2)
                try insert.bindUncopied(bytes, at: 3)
                #expect(try !insert.step())
                insert.reset()
            }
        }
        let select = try database.prepare("SELECT a, b, c FROM t")
        #expect(try select.step())
        #expect(select.integer(at: 0) == .min)
        #expect(select.text(at: 1) == "\(Int64.min)")
        #expect(select.text(at: 2) == "ü\u{0}x")
        #expect(try select.step())
        #expect(select.integer(at: 0) == nil)
        #expect(select.text(at: 1) == nil)
        #expect(try !select.step())
    }

    @Test func anEmptyTextIsNotNull() throws {
        let database = try SQLiteConnection(path: ":memory:")
        let select = try database.prepare("SELECT ? IS NULL")
        try select.bindUncopied(UnsafeRawBufferPointer(start: nil, count: 0), at: 1)
        #expect(try select.step())
        #expect(select.integer(at: 0) == 0)
    }

    @Test func aFailedTransactionLeavesNothing() throws {
        let database = try SQLiteConnection(path: ":memory:")
        try database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
        #expect(throws: SQLiteError.self) {
            try database.transaction {
                try database.execute("INSERT INTO t VALUES (1)")
                try database.execute("INSERT INTO t VALUES (1)")
            }
        }
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
        try database.transaction { try database.execute("INSERT INTO t VALUES (1)") }
        #expect(database.changedRowCount == 1)
    }

    @Test func aLockedFileIsBusy() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/x.db"
        let one = try SQLiteConnection(path: path)
        try one.execute("CREATE TABLE t (a)")
        let other = try SQLiteConnection(path: path, busyTimeoutMilliseconds: 10)
        try one.execute("BEGIN IMMEDIATE")
        #expect {
            try other.transaction { try other.execute("INSERT INTO t VALUES (1)") }
        } throws: {
            ($0 as? SQLiteError)?.code == .busy
        }
    }

    @Test func noticesASecondUserAtTheSameTime() throws {
        let database = try SQLiteConnection(path: ":memory:")
        database.exclusively { #expect(!database.beginUse()) }
        #expect(database.beginUse())
    }

    @Test func oneThreadAfterTheOtherMayUseIt() throws {
        nonisolated(unsafe) let database = try SQLiteConnection(path: ":memory:")
        DedicatedThread { try? database.execute("CREATE TABLE t (a)") }.join()
        try database.execute("INSERT INTO t VALUES (1)")
        #expect(database.changedRowCount == 1)
    }

    @Test func errorsNameWhatWasTried() throws {
        let folder = try TemporaryDirectory()
        #expect {
            try SQLiteConnection(path: folder.path + "/no/such/x.db")
        } throws: {
            let error = $0 as? SQLiteError
            return error?.code == .cannotOpen && error?.message.contains("/no/such/x.db") == true
        }
        #expect(throws: SQLiteError.self) { try SQLiteConnection(path: folder.path + "/x.db", mode: .readOnly) }

        let path = folder.path + "/text"
        let file = try #require(fopen(path, "w"))
        fputs("this is no database, only text", file)
        fclose(file)
        let text = try SQLiteConnection(path: path)
        #expect {
            try text.execute("CREATE TABLE t (a)")
        } throws: {
            ($0 as? SQLiteError)?.code == .notADatabase
        }
        #expect(throws: SQLiteError.self) { try text.prepare("") }
    }
}
