package classify

// netPrograms are the programs that talk to other hosts and to databases.
var netPrograms = map[string]*spec{
	"curl":    {short: "AbcCdDeEFhHKmoPQrtTuUwxXyYz", ops: "-", files: "o=write output=write T=read upload-file=read K=read config=read cookie-jar=write c=write D=write dump-header=write cacert=read cert=read key=read netrc-file=read", long: "request= data= data-raw= data-binary= data-urlencode= data-ascii= json= form= form-string= header= output= output-dir= remote-name remote-name-all upload-file= url= user= user-agent= referer= cookie= cookie-jar= dump-header= config= proxy= max-time= connect-timeout= retry= retry-delay= range= cacert= cert= key= resolve= interface= limit-rate= write-out= location silent show-error fail insecure head include verbose compressed get http1.1 http2 netrc netrc-file= unix-socket= proxy-user= quote= oauth2-bearer= aws-sigv4= trace= trace-ascii= stderr= parallel create-dirs ipv4 ipv6 fail-with-body no-buffer progress-bar location-trusted connect-to= dns-servers= noproxy= socks5= socks5-hostname= tlsv1.2 version help"},
	"wget":    {short: "aAeBDiIlnoOPQRtTUwX", ops: "-", files: "O=write output-document=write P=write directory-prefix=write o=write a=write i=read input-file=read post-file=read", long: "output-document= directory-prefix= output-file= append-output= input-file= post-data= post-file= method= body-data= body-file= header= user= password= user-agent= referer= tries= timeout= wait= quota= limit-rate= recursive level= accept= reject= domains= mirror no-parent quiet verbose no-verbose continue no-check-certificate spider timestamping no-clobber load-cookies= save-cookies= execute= use-askpass= page-requisites convert-links show-progress content-disposition version help"},
	"ssh":     {short: "BbcDEeFIiJLlmOopQRSWw", posix: true, ops: "-", files: "i=read F=read E=write"},
	"autossh": {short: "MBbcDEeFIiJLlmOopQRSWw", posix: true, ops: "-", files: "i=read F=read"},
	"scp":     {short: "cDFiJlooPSX", ops: "read", last: "write", files: "i=read F=read"},
	"sftp":    {short: "BbcDFiJlooPRSsX", ops: "-", files: "b=read i=read"},
	"nc":      {short: "ecgiImMoOpPqsTVwWxX", ops: "-"},
	"ncat":    {short: "ecghimopswd", ops: "-", long: "exec= sh-exec= lua-exec= listen source= source-port= allow= deny= proxy= ssl send-only recv-only keep-open wait= delay= output= udp"},
	"socat":   {ops: "-"},
	"dig":     {short: "bcfkpqtxy", ops: "-"},
	"ping":    {short: "cimIlMpQsStTwW", ops: "-"},

	"psql":              {short: "cdfFhLoPpRTUv", ops: "-", files: "f=read file=read o=write output=write", long: "command= dbname= file= list set= variable= output= host= port= username= no-password password no-psqlrc single-transaction quiet tuples-only csv html expanded help version"},
	"mysql":             {short: "DehPSu", attached: "p", ops: "-", long: "execute= database= host= port= user= password? socket= batch force silent skip-column-names table vertical default-character-set= ssl-mode= defaults-file= help version"},
	"mariadb":           {short: "DehPSu", attached: "p", ops: "-", long: "execute= database= host= port= user= password? socket="},
	"sqlite3":           {single: true, most: 1, ops: "write", long: "cmd= init= separator= batch bail csv column echo header html json line list readonly version help", files: "init=read"},
	"redis-cli":         {short: "hpsanurtd", ops: "-", long: redisLong},
	"valkey-cli":        {short: "hpsanurtd", ops: "-", long: redisLong},
	"keydb-cli":         {short: "hpsanurtd", ops: "-", long: redisLong},
	"mongosh":           {ops: "-", long: "eval= file= host= port= username= password= authenticationDatabase= tls quiet norc json?", short: "fup", files: "file=read f=read"},
	"mongo":             {ops: "-", long: "eval= host= port= username= password= authenticationDatabase= quiet norc", short: "up"},
	"mongorestore":      {ops: "read", short: "dcuph", long: "db= collection= host= port= username= password= uri= archive= nsInclude= drop dryRun gzip"},
	"cqlsh":             {short: "efukp", ops: "-", files: "f=read file=read", long: "execute= file= username= password= keyspace="},
	"clickhouse-client": {short: "qhudmn", ops: "-", long: "query= host= port= user= password= database= queries-file= multiquery format="},
	"cockroach":         {subs: true, short: "efduhp", ops: "-", long: "execute= file= url= host= database= insecure certs-dir= user="},
	"sqlcmd":            {short: "QqiSUPdo", ops: "-", files: "i=read o=write"},
	"snowsql":           {short: "qfacudw", ops: "-", files: "f=read filename=read", long: "query= filename= accountname= username= dbname="},
	"trino":             {ops: "-", short: "f", files: "f=read file=read", long: "execute= file= server= catalog= schema= user="},
	"duckdb":            {single: true, most: 1, ops: "write", long: "cmd= c= s= init= separator= csv json line list markdown readonly version help"},
	"usql":              {short: "cfo", ops: "-", files: "f=read file=read", long: "command= file="},
	"dropdb":            {short: "hpU", ops: "-", long: "host= port= username= maintenance-db= if-exists force interactive echo no-password password version help"},
	"createdb":          {short: "hpUDElOT", ops: "-", long: "host= port= username= owner= template= encoding= locale= maintenance-db= no-password password version help"},
	"pg_restore":        {short: "dhpUjFntTPIL", ops: "read", files: "f=write file=write", long: "dbname= host= port= username= jobs= format= schema= table= file= clean create if-exists data-only schema-only list no-owner no-privileges single-transaction exit-on-error verbose"},
	"pg_dump":           {short: "dhpUjFntTNEfZ", ops: "-", files: "f=write file=write", long: "dbname= host= port= username= jobs= format= schema= table= file= exclude-table= exclude-table-data= encoding= compress= schema-only data-only no-owner no-privileges clean create if-exists inserts"},
	"mysqladmin":        {short: "hPuS", attached: "p", ops: "-", long: "host= port= user= password? socket= force"},
}

// redisLong are the long options of redis-cli.
const redisLong = "pattern= user= pass= askpass eval= count= quoted-pattern= type= tls cert= key= cacert= sni= no-auth-warning raw no-raw csv json scan bigkeys memkeys hotkeys stat latency latency-history pipe-timeout= pipe rdb= functions-rdb= intrinsic-latency= cluster= verbose help version"
