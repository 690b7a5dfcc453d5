package classify

// containerLong are the long options of docker run and exec.
const containerLong = "add-host= annotation= attach= blkio-weight= cap-add= cap-drop= cgroup-parent= cgroupns= cidfile= cpus= cpu-shares= cpuset-cpus= device= dns= dns-search= entrypoint= env= env-file= expose= gpus= group-add= health-cmd= health-interval= hostname= image= ip= ipc= isolation= label= label-file= link= log-driver= log-opt= mac-address= memory= memory-swap= mount= name= network= net= network-alias= oom-score-adj= pid= pids-limit= platform= publish= pull= restart= runtime= security-opt= shm-size= stop-signal= stop-timeout= storage-opt= sysctl= tmpfs= ulimit= user= userns= uts= volume= volume-driver= volumes-from= workdir= privileged detach interactive tty rm init read-only publish-all no-healthcheck oom-kill-disable sig-proxy quiet help"

// cloudPrograms are the programs that run containers and infrastructure elsewhere.
var cloudPrograms = map[string]*spec{
	"docker":                {subs: true, short: "Hlc", long: "config= context= host= log-level= debug tls tlscacert= tlscert= tlskey= tlsverify version help", nests: "container image volume network system compose builder buildx context swarm service stack node secret config plugin manifest trust", ops: "-"},
	"docker run":            {short: "aceuwhlmpvn", posix: true, ops: "-", long: containerLong},
	"docker create":         {short: "aceuwhlmpvn", posix: true, ops: "-", long: containerLong},
	"docker exec":           {short: "euw", posix: true, ops: "-", long: containerLong},
	"docker rm":             {ops: "-", long: "force link volumes"},
	"docker stop":           {short: "ts", ops: "-"},
	"docker kill":           {short: "s", ops: "-"},
	"docker ps":             {short: "fn", ops: "-"},
	"docker logs":           {short: "n", ops: "-"},
	"docker build":          {short: "tfmc", ops: "read", files: "f=read file=read", long: "tag= file= build-arg= target= platform= network= no-cache pull push load output= secret= ssh= label= cache-from= cache-to= progress= quiet rm force-rm squash iidfile="},
	"docker rmi":            {ops: "-", long: "force no-prune"},
	"docker cp":             {ops: "unknown"},
	"docker compose":        {short: "fp", ops: "-", files: "f=read file=read", long: "file= project-name= profile= env-file= project-directory= ansi= parallel= progress= compatibility dry-run"},
	"docker compose up":     {short: "t", ops: "-", long: "timeout= scale= exit-code-from= attach= no-attach= pull= detach build wait abort-on-container-exit force-recreate remove-orphans"},
	"docker compose down":   {short: "t", ops: "-", long: "timeout= rmi= volumes remove-orphans"},
	"docker compose rm":     {ops: "-", long: "force stop volumes"},
	"docker compose logs":   {short: "n", ops: "-", long: "tail= since= until= follow timestamps no-color no-log-prefix"},
	"docker compose exec":   {short: "euw", posix: true, ops: "-", long: containerLong},
	"docker compose run":    {short: "euwvpl", posix: true, ops: "-", long: containerLong},
	"docker compose config": {short: "o", ops: "-", files: "o=write output=write", long: "format= output= services volumes images profiles quiet environment"},
	"docker-compose":        {subs: true, short: "fpH", ops: "-", files: "f=read"},
	"docker-compose down":   {short: "t", ops: "-", long: "timeout= rmi= volumes remove-orphans"},
	"docker-compose rm":     {ops: "-", long: "force stop volumes"},
	"docker-compose logs":   {ops: "-", long: "tail= follow timestamps no-color"},
	"gh api":                {short: "XFfHqtp", ops: "-", files: "input=read", long: "method= field= raw-field= input= header= jq= template= preview= hostname= cache= paginate include silent slurp verbose"},
	"kubectl":               {subs: true, short: "nslfkcoL", nests: "config rollout set create auth top certificate", ops: "-", files: "f=read filename=read kubeconfig=read", long: "namespace= server= selector= filename= kustomize= container= output= context= cluster= user= kubeconfig= token= as= as-group= request-timeout= field-selector= all all-namespaces force grace-period= now wait? timeout= dry-run? cascade? ignore-not-found recursive delete-emptydir-data ignore-daemonsets disable-eviction pod-selector= replicas= port= image= type= patch= help"},
	"helm":                  {subs: true, short: "nfo", nests: "repo plugin registry dependency get show", ops: "-", files: "f=read values=read kubeconfig=read", long: "namespace= kube-context= kubeconfig= values= set= set-string= set-file= output= version= timeout= install wait atomic dry-run? force create-namespace repo= keep-history no-hooks debug"},
	"terraform":             {subs: true, single: true, nests: "state workspace providers", ops: "-", long: "chdir= var= var-file= target= out= state= backup= lock= lock-timeout= parallelism= input= refresh= replace= auto-approve destroy compact-warnings no-color json detailed-exitcode refresh-only upgrade reconfigure migrate-state force-copy recursive check diff help version", files: "var-file=read out=write state=write"},
	"tofu":                  {subs: true, single: true, nests: "state workspace providers", ops: "-", long: "chdir= var= var-file= target= out= auto-approve destroy"},
	"ansible-playbook":      {short: "iecDefkKlMtTu", ops: "exec", long: "inventory= extra-vars= limit= tags= skip-tags= check diff syntax-check list-hosts list-tasks list-tags become become-user= become-method= user= private-key= forks= start-at-task= step vault-password-file= vault-id= ask-become-pass ask-pass connection= timeout= module-path= flush-cache force-handlers ask-vault-pass verbose version help", files: "i=read inventory=read private-key=read vault-password-file=read"},
	"ansible":               {short: "iamefklMtuBP", ops: "-"},
	"bq":                    {ops: "-", long: "project_id= dataset_id= location= format= use_legacy_sql? use_cache? max_rows= destination_table= replace? dry_run? n="},
	"heroku":                {short: "acr", ops: "-", long: "app= remote= command= confirm= file= size= tail num= json"},
	"wrangler":              {short: "cne", ops: "-", long: "command= file= env= config= name= compatibility-date= port= binding= namespace-id= persist-to= local remote yes json preview dry-run outdir="},
	"aws":                   {subs: true, nests: "s3 s3api ec2 rds iam sts lambda eks ecs ecr cloudformation cloudfront dynamodb logs route53 kms secretsmanager ssm sqs sns elasticache redshift autoscaling elbv2 acm apigateway configure organizations efs backup glacier", ops: "-", long: "profile= region= output= endpoint-url= query= debug no-verify-ssl no-paginate no-sign-request cli-read-timeout= cli-connect-timeout= color="},
}
