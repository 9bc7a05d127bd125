import HTTPTypes
import Testing

@Suite struct HTTPTypesTests {
    @Test func namesOfFieldsAreComparedWithoutCase() {
        var fields: HTTPFields = ["Content-Type": "a", "Set-Cookie": "one", "set-cookie": "two"]
        #expect(fields["content-type"] == "a")
        #expect(fields["content-typ"] == nil)
        #expect(fields.values(of: "SET-COOKIE") == ["one", "two"])
        fields["Set-Cookie"] = "three"
        #expect(fields.map(\.value) == ["a", "three"])
        fields["CONTENT-TYPE"] = nil
        #expect(fields.map(\.name) == ["Set-Cookie"])
    }

    @Test func aValueFromOutsideBringsNoLinesOfItsOwn() {
        var fields = HTTPFields()
        fields.append("Location", "/a\r\nSet-Cookie: b\u{0}\u{7F}\tc")
        #expect(fields["location"] == "/a  Set-Cookie: b  \tc")
    }

    @Test func queriesAreDecodedAndEncoded() {
        let query = HTTPQuery(decoding: "q=a%20b%26c+d&empty=&alone&q=%zz%4&u=%C3%A9")
        #expect(query["q"] == "a b&c d")
        #expect(query.values(of: "q") == ["a b&c d", "%zz%4"])
        #expect(query["empty"] == "" && query["alone"] == "" && query["none"] == nil)
        #expect(query["u"] == "é")
        #expect(HTTPQuery(decoding: query.encoded) == query)
    }

    @Test func escapesWhatMeansSomethingInURLs() {
        #expect(PercentEncoding.encode("a/b c?é~-._") == "a%2Fb%20c%3F%C3%A9~-._")
        #expect(PercentEncoding.encode("/a b", keeping: "/") == "/a%20b")
        #expect(PercentEncoding.decode("%2fA%") == "/A%")
    }

    @Test func statusesHaveWords() {
        #expect("\(HTTPStatus.notFound)" == "404 Not Found")
        #expect("\(HTTPStatus(299))" == "299")
        #expect(HTTPStatus.notModified.forbidsBody && !HTTPStatus.ok.forbidsBody)
    }
}
