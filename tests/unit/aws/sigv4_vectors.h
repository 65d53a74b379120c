/* Written by sigv4_vectors.py: requests and what botocore makes of them. */
/* clang-format off */
static const struct vector vectors[] = {
    {
        .name = "get vanilla",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    {
        .name = "post vanilla",
        .method = "POST",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "POST\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    },
    {
        .name = "query of one",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "Param1=value1",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "Param1=value1\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    },
    {
        .name = "query sorted by key",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "Param2=value2&Param1=value1",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "Param1=value1&Param2=value2\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    },
    {
        .name = "query keys are case sensitive",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "b=1&B=2&a=3&A=4",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "A=4&B=2&a=3&b=1\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=cb00030430a535be45367999980be1355587ab4430987e7fa6e8c49a918ff6a1",
    },
    {
        .name = "query sorted by value",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "Param1=value2&Param1=Value1&Param1=value1",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "Param1=Value1&Param1=value1&Param1=value2\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=4de277acd87320140a7c9b7fd71dc3efc91c3757b17ff171606cd96a5828ba2e",
    },
    {
        .name = "query without a value",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "flag&other=",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "flag=&other=\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=3018a1beeaee67b6070fd78b2f8b683ffdd2e5b70182798904add93a68a6ba11",
    },
    {
        .name = "query value with equals signs",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "token=a=b==&x=1",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "token=a=b==&x=1\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=3cca3319c0407e85b08d962e69811955d114ecbbcd454086ec8909b1fa0181af",
    },
    {
        .name = "query that is encoded",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "%E1%88%B4=bar&a%20b=%2F%2B",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "%E1%88%B4=bar&a%20b=%2F%2B\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=afcb8873ecab4440f21289381c8b74990b50b50fdaa134790a8c1dc69b7928fd",
    },
    {
        .name = "query with empty pairs",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "a=1&&b=2&",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "=&=&a=1&b=2\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=cda618eb02a57715b29e6b7a8c78f0076f2a1e34a7aec606d0f3aecf9a32713f",
    },
    {
        .name = "a key that starts another",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .query = "ab=1&a=2&a-b=3",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "a=2&a-b=3&ab=1\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=8f0d03fc591dcc079b2f263d13b3fdea197ac59a7935b30444d12e481edb3964",
    },
    {
        .name = "unreserved path",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/-._~0123456789ABCXYZabcxyz",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/-._~0123456789ABCXYZabcxyz\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=a128506a38ba30e7fe20f0992afac600c9cbf73342dfbdae1c8fa51d66aafcb1",
    },
    {
        .name = "encoded path is encoded again",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/%E1%88%B4/a%20b",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/%25E1%2588%25B4/a%2520b\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=9ce58cc1ce2cc3a2388a68b96ac805167dcfc7d34fcd030c5c079032d80be1b3",
    },
    {
        .name = "sub-delimiters in the path",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/a:b@c!d$e&f'g(h)i*j+k,l;m=n",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/a%3Ab%40c%21d%24e%26f%27g%28h%29i%2Aj%2Bk%2Cl%3Bm%3Dn\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=2f95bd345d9b10bd2d134511c0488c6df8d22190fc3ce926a53f61e8f6fb90cd",
    },
    {
        .name = "dot segments go",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/./a/../b/./c/",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/b/c/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=50179f98f844e58d84850869a9b8bb5bfae7471a0240138c0a946cc651946b53",
    },
    {
        .name = "dot segments above the root",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/../../a",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/a\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=e7dfad111cdad6139e285ddec7592de69207ee936e9af6cffa906e281325f76a",
    },
    {
        .name = "double slashes go",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "//a//b//",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/a/b/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=125084d05882beb82770f7553eca9dc5479bd484c2579776817cc0a340800974",
    },
    {
        .name = "path of only dots",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/a/..",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    {
        .name = "dots inside names stay",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/..a/b../...",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/..a/b../...\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=b341242baf0ce01b26cab3a4bb5cab6fbbd0bb99e4e22119059ad563bf900c9b",
    },
    {
        .name = "header value trimmed",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .headers =
            "My-Header1:  value1\n"
            "My-Header2: \"a   b   c\"  \n",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "my-header1:value1\n"
            "my-header2:\"a b c\"\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;my-header1;my-header2;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;my-header1;my-header2;x-amz-date, "
            "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    },
    {
        .name = "header value with tabs",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .headers =
            "X-Tab:\ta\t \tb\t\n",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "x-tab:a b\n"
            "\n"
            "host;x-amz-date;x-tab\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-tab, "
            "Signature=95296e11d36fc6d7152d12d17724b6d6747a9c69d7ab2e42ad84d443575752f5",
    },
    {
        .name = "header value empty",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .headers =
            "X-Empty:\n"
            "X-Blank:   \n",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "x-blank:\n"
            "x-empty:\n"
            "\n"
            "host;x-amz-date;x-blank;x-empty\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-blank;x-empty, "
            "Signature=85c5dfd9942e6cd82815ce5b6dbfb5aeb00a8f8cfff79e22043da56cb212d733",
    },
    {
        .name = "header repeated",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .headers =
            "My-Header1:value2\n"
            "my-header1:value1\n"
            "MY-HEADER1: v  3 \n",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "my-header1:value2,value1,v 3\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;my-header1;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;my-header1;x-amz-date, "
            "Signature=64ffab16c3260f1b5be54c756b03b1f0c598c3adbdc3355bede7a26b90c97f98",
    },
    {
        .name = "header names sorted without case",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .headers =
            "Zoo:1\n"
            "apple:2\n"
            "Apple-a:3\n"
            "B:4\n",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "apple:2\n"
            "apple-a:3\n"
            "b:4\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "zoo:1\n"
            "\n"
            "apple;apple-a;b;host;x-amz-date;zoo\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=apple;apple-a;b;host;x-amz-date;zoo, "
            "Signature=e598974d7c087aac5cef704c384f6b843521894258f293bc4f4b3ce831cbc07a",
    },
    {
        .name = "headers that are not signed",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .headers =
            "User-Agent:pail\n"
            "Connection:close\n"
            "Expect:100-continue\n"
            "TE:trailers\n"
            "X-Amzn-Trace-Id:Root=1\n"
            "Transfer-Encoding:chunked\n"
            "Accept:*/*\n",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "accept:*/*\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "accept;host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=accept;host;x-amz-date, "
            "Signature=9482d1f3dc8319be9516b0626d90d6a51071f64f631db6e36b57f60c14f6c3c3",
    },
    {
        .name = "session token",
        .method = "GET",
        .url = "https://example.amazonaws.com",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .token = "AQoDYXdzEPT//////////wEXAMPLE+token/with=signs==",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "x-amz-security-token:AQoDYXdzEPT//////////wEXAMPLE+token/with=signs==\n"
            "\n"
            "host;x-amz-date;x-amz-security-token\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-amz-security-token, "
            "Signature=ca03230f47fc1edf1202f33f7868d8fa094d47725826cbb745a3b87f88628845",
    },
    {
        .name = "form",
        .method = "POST",
        .url = "https://sts.amazonaws.com",
        .path = "/",
        .body = "Param1=value1",
        .region = "us-east-1",
        .service = "sts",
        .headers =
            "Content-Type:application/x-www-form-urlencoded; charset=utf-8\n",
        .canonical =
            "POST\n"
            "/\n"
            "\n"
            "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
            "host:sts.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "content-type;host;x-amz-date\n"
            "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=e21e79bfdb42ff467a6e9b923cf6250e6152954b9cb8989af580340c86be2ecc",
    },
    {
        .name = "json",
        .method = "POST",
        .url = "https://logs.eu-west-1.amazonaws.com",
        .path = "/",
        .body = "{\"logGroupName\":\"g\",\"limit\":10}",
        .region = "eu-west-1",
        .service = "logs",
        .headers =
            "X-Amz-Target:Logs_20140328.GetLogEvents\n"
            "Content-Type:application/x-amz-json-1.1\n",
        .canonical =
            "POST\n"
            "/\n"
            "\n"
            "content-type:application/x-amz-json-1.1\n"
            "host:logs.eu-west-1.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "x-amz-target:Logs_20140328.GetLogEvents\n"
            "\n"
            "content-type;host;x-amz-date;x-amz-target\n"
            "f4b294b86c7ec3add10ddcbd81f34c17b616fab347fb6623f5908b05b57ca17f",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/logs/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
            "Signature=8e08f60e9de70c8aa13576e3f3e646fd4eb15bd04bbc7dc7de518a0e3eb6c5ef",
    },
    {
        .name = "function path",
        .method = "POST",
        .url = "https://lambda.us-west-2.amazonaws.com",
        .path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A1%3Afunction%3Af/invocations",
        .query = "Qualifier=%24LATEST",
        .body = "{}",
        .region = "us-west-2",
        .service = "lambda",
        .canonical =
            "POST\n"
            "/2015-03-31/functions/arn%253Aaws%253Alambda%253Aus-west-2%253A1%253Afunction%253Af/invocations\n"
            "Qualifier=%24LATEST\n"
            "host:lambda.us-west-2.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-west-2/lambda/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=ac8dd9b3c657b8733886f709c8722965775e262cacb42b375db74b4e5ed257a6",
    },
    {
        .name = "a port of its own",
        .method = "GET",
        .url = "http://localhost:4566",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:localhost:4566\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=a636265caf3516b11377cce3809bf95d3063e35d0bd250c3b66873b01700367c",
    },
    {
        .name = "the default port",
        .method = "GET",
        .url = "http://localhost:80",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:localhost\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=84786f05ae434bf6d0295444a170b5995ce37605d81861db76fdaa8f4d577700",
    },
    {
        .name = "an IPv6 host",
        .method = "GET",
        .url = "http://[::1]:8080",
        .path = "/",
        .region = "us-east-1",
        .service = "service",
        .canonical =
            "GET\n"
            "/\n"
            "\n"
            "host:[::1]:8080\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=3e4dd050f2adfab3106f7b8a59e9bd0287fa994fb2b6d1cf9caf39313f622c3f",
    },
    {
        .name = "get object",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/key",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/key\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=b690f77916da050eeb58fbf0970255492ba91fc7950aacda4a868f74fbcde236",
    },
    {
        .name = "head object",
        .method = "HEAD",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/a/b/c.txt",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "HEAD\n"
            "/a/b/c.txt\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=54466d80cb9e14627e00a6fbe47ef5ce3d3867ae64bd58c89283e08290605d8c",
    },
    {
        .name = "double slashes stay",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/a//b///c//",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/a//b///c//\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=f63dee60ae1d6b4480484b0306c5ed477d382a48ec57fe45bc86301ce1559360",
    },
    {
        .name = "dot segments stay",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/a/../b/./c/..",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/a/../b/./c/..\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=097557233ab8798b5b9afb2db16769112aa30695c56fa24639cf0e6ac16c4586",
    },
    {
        .name = "key is signed as sent",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/%E6%97%A5%E6%9C%AC%20a%2Bb%25%3F%23~",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/%E6%97%A5%E6%9C%AC%20a%2Bb%25%3F%23~\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=020baed141bdafd4757a07e3153031848f9f247cc65c09b673c30e7916f17557",
    },
    {
        .name = "list",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/",
        .query = "list-type=2&prefix=a%2Fb%20c&delimiter=%2F&encoding-type=url&max-keys=1000",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/\n"
            "delimiter=%2F&encoding-type=url&list-type=2&max-keys=1000&prefix=a%2Fb%20c\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=5bf71e4e6dd0550dbc7294278bd015d3c0775124a3394a67ab79c3c311d24132",
    },
    {
        .name = "subresource",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/",
        .query = "location",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/\n"
            "location=\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=9ca81e04bd5671cb6f70df256a8ad50fa3fb4222d23600addc171bcb5f3ed14e",
    },
    {
        .name = "range and condition",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/k",
        .region = "us-east-1",
        .service = "s3",
        .headers =
            "Range:bytes=0-1048575\n"
            "If-Match:\"9b2cf535f27731c974343645a3985328\"\n",
        .s3 = true,
        .canonical =
            "GET\n"
            "/k\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "if-match:\"9b2cf535f27731c974343645a3985328\"\n"
            "range:bytes=0-1048575\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;if-match;range;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;if-match;range;x-amz-content-sha256;x-amz-date, "
            "Signature=fcd572f09e38f9219be7c1ec0a1fe6a760c824e98943bcaeeb51be1179fe786b",
    },
    {
        .name = "put",
        .method = "PUT",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/k",
        .body = "hello world",
        .region = "us-east-1",
        .service = "s3",
        .headers =
            "Content-Type:text/plain\n"
            "x-amz-meta-Name:two  words\n",
        .s3 = true,
        .canonical =
            "PUT\n"
            "/k\n"
            "\n"
            "content-type:text/plain\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9\n"
            "x-amz-date:20150830T123600Z\n"
            "x-amz-meta-name:two words\n"
            "\n"
            "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-name\n"
            "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-name, "
            "Signature=e434797cad3edcfa9797dacb76b17fca5fc73edc3458642b0f4627abfeb96805",
    },
    {
        .name = "put with the payload unsigned",
        .method = "PUT",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/k",
        .body = "hello world",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .unsigned_payload = true,
        .canonical =
            "PUT\n"
            "/k\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:UNSIGNED-PAYLOAD\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "UNSIGNED-PAYLOAD",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=bb79ca28167de093322a7ef7abc11c969e7b153c390f258d8a97c30a328e4fea",
    },
    {
        .name = "get with the payload unsigned",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/k",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .unsigned_payload = true,
        .canonical =
            "GET\n"
            "/k\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:UNSIGNED-PAYLOAD\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "UNSIGNED-PAYLOAD",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=3035b0c7a4f1aa6621337ebbc614e20575a85a594e28140e58f31cb163caa870",
    },
    {
        .name = "session token",
        .method = "GET",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/k",
        .region = "ap-southeast-2",
        .service = "s3",
        .s3 = true,
        .token = "AQoDYXdzEPT//////////wEXAMPLE+token/with=signs==",
        .canonical =
            "GET\n"
            "/k\n"
            "\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "x-amz-security-token:AQoDYXdzEPT//////////wEXAMPLE+token/with=signs==\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date;x-amz-security-token\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/ap-southeast-2/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
            "Signature=6058a3733f17116f2d440b8e3f07a7a0254c3f22fe0d6097ba46f01f7cbd3dff",
    },
    {
        .name = "path style at a port",
        .method = "GET",
        .url = "http://127.0.0.1:9000",
        .path = "/bucket/key",
        .query = "versionId=null",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/bucket/key\n"
            "versionId=null\n"
            "host:127.0.0.1:9000\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=b201f26d2585faf7aeea198c95f63861fc259b201019f4078c15fe02b068147b",
    },
    {
        .name = "select",
        .method = "POST",
        .url = "https://bucket.s3.amazonaws.com",
        .path = "/k",
        .query = "select&select-type=2",
        .body = "<SelectObjectContentRequest/>",
        .region = "us-east-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "POST\n"
            "/k\n"
            "select=&select-type=2\n"
            "host:bucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:04455ccc2220079217a20878e4eb689b29d1db6faceda677d4b16e78e7b360f1\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "04455ccc2220079217a20878e4eb689b29d1db6faceda677d4b16e78e7b360f1",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=eb9bcb73d87b3bc7f382544c1754b8ccfcf64c3393192e6bfc03fcd7091cec60",
    },
    {
        .name = "other region and service names",
        .method = "GET",
        .url = "https://bucket.s3.cn-north-1.amazonaws.com.cn",
        .path = "/k",
        .region = "cn-north-1",
        .service = "s3",
        .s3 = true,
        .canonical =
            "GET\n"
            "/k\n"
            "\n"
            "host:bucket.s3.cn-north-1.amazonaws.com.cn\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20150830T123600Z\n"
            "\n"
            "host;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .authorization =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/cn-north-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=0c230cd34bd3bd355a57e033e92f0233fe0a55d029f79a660bac48a034eb4ca5",
    },
};
